# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# ptcap/coverage.h as a library for fuzzing pipelines: a shared one, which
# exports the plain C interface and nothing else. find_package(ptcap-coverage)
# gives ptcap::coverage, pkg-config has ptcap-coverage.
# `cmake --install BUILD --component coverage`.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

add_library(ptcap_coverage SHARED
  ${PROJECT_SOURCE_DIR}/decode/fast/coverage_api.cc)
target_link_libraries(ptcap_coverage
  PRIVATE $<BUILD_INTERFACE:ptcap_options> $<BUILD_INTERFACE:ptcap_decode>)
target_link_options(ptcap_coverage PRIVATE
  -Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/coverage.map)
set_target_properties(ptcap_coverage PROPERTIES
  EXPORT_NAME coverage VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}
  LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/coverage.map)
target_include_directories(ptcap_coverage INTERFACE
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/ptcap-coverage)
install(TARGETS ptcap_coverage EXPORT ptcap-coverage COMPONENT coverage)
install(EXPORT ptcap-coverage NAMESPACE ptcap::
        FILE ptcap-coverageConfig.cmake
        DESTINATION ${package} COMPONENT coverage)
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/ptcap-coverageConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ptcap-coverageConfigVersion.cmake
        DESTINATION ${package} COMPONENT coverage)
install(FILES ${PROJECT_SOURCE_DIR}/include/ptcap/coverage.h
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ptcap COMPONENT coverage)
configure_file(${PROJECT_SOURCE_DIR}/cmake/ptcap-coverage.pc.in
               ${PROJECT_BINARY_DIR}/ptcap-coverage.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/ptcap-coverage.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT coverage)
