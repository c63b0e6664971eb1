# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# Debian packages: `cpack --config build/release/CPackConfig.cmake` makes
# ptcap (the tools) and libptcap-dev (the perf layer as a library).

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME ptcap)
set(CPACK_PACKAGE_VENDOR "The ptcap authors")
set(CPACK_PACKAGE_CONTACT "The ptcap authors")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL tools perf)
set(CPACK_COMPONENTS_GROUPING IGNORE)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE ${PROJECT_HOMEPAGE_URL})

set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME ptcap)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_TOOLS_PACKAGE_RECOMMENDS qemu-user)
set(CPACK_COMPONENT_TOOLS_DESCRIPTION
  "ptcap records every branch of a program with Intel PT or BTS, or in an\n\
emulator where there is no such hardware; ptdec tells what ran.")

set(CPACK_DEBIAN_PERF_PACKAGE_NAME libptcap-dev)
set(CPACK_DEBIAN_PERF_PACKAGE_SECTION libdevel)
set(CPACK_COMPONENT_PERF_DESCRIPTION
  "A static library over the kernel's perf interface, its headers, and a parser\n\
of its records.")

include(CPack)

# What other programs know a trace by.
install(FILES ${PROJECT_SOURCE_DIR}/formats/ptz/magic
        DESTINATION ${CMAKE_INSTALL_DATADIR}/ptcap COMPONENT tools)
install(FILES ${PROJECT_SOURCE_DIR}/formats/ptz/mime.xml RENAME ptcap.xml
        DESTINATION ${CMAKE_INSTALL_DATADIR}/mime/packages COMPONENT tools)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE RENAME copyright
        DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT tools)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE RENAME copyright
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libptcap-dev COMPONENT perf)
