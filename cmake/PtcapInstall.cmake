# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# The perf layer as a library for others: the bindings and the record parser,
# which need nothing but libc. find_package(ptcap) gives ptcap::perf,
# pkg-config has ptcap-perf. `cmake --install BUILD --component perf`.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(perf ${PROJECT_SOURCE_DIR}/formats/perf)
add_library(ptcap_perf STATIC
  $<TARGET_OBJECTS:ptcap_bindings>
  ${PROJECT_SOURCE_DIR}/formats/io/byte_reader.cc
  ${perf}/auxtrace_info.cc ${perf}/header_feature.cc ${perf}/parse_record.cc
  ${perf}/parse_sample.cc ${perf}/parse_user_record.cc
  ${perf}/record_builder.cc ${perf}/record_format.cc)
target_link_libraries(ptcap_perf
  PRIVATE $<BUILD_INTERFACE:ptcap_options> PUBLIC ${CMAKE_DL_LIBS})
# Headers include each other from the root: "bindings/event.h".
target_include_directories(ptcap_perf INTERFACE
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/ptcap>)
target_compile_features(ptcap_perf INTERFACE cxx_std_20)
set_target_properties(ptcap_perf PROPERTIES EXPORT_NAME perf)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/ptcap)
install(TARGETS ptcap_perf EXPORT ptcap COMPONENT perf)
install(EXPORT ptcap NAMESPACE ptcap:: FILE ptcapConfig.cmake
        DESTINATION ${package} COMPONENT perf)
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/ptcapConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ptcapConfigVersion.cmake
        DESTINATION ${package} COMPONENT perf)
foreach(folder bindings formats/perf formats/io)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder}/
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ptcap/${folder}
          COMPONENT perf FILES_MATCHING PATTERN "*.h" PATTERN parse.h EXCLUDE)
endforeach()

configure_file(${PROJECT_SOURCE_DIR}/cmake/ptcap-perf.pc.in
               ${PROJECT_BINARY_DIR}/ptcap-perf.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/ptcap-perf.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT perf)

# Reference documentation, from the headers: target `docs`, in build/*/docs.
find_program(DOXYGEN doxygen)
if(DOXYGEN)
  configure_file(${PROJECT_SOURCE_DIR}/bindings/Doxyfile.in
                 ${PROJECT_BINARY_DIR}/Doxyfile @ONLY)
  add_custom_target(docs
    COMMAND ${DOXYGEN} ${PROJECT_BINARY_DIR}/Doxyfile
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} VERBATIM)
endif()
