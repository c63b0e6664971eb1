# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# The libraries that the project stands on, as imported targets. README says
# why each is there; tests/dependencies names the Debian packages.

find_package(Threads REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS program_options)
find_package(nlohmann_json REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(ELF REQUIRED IMPORTED_TARGET libelf)
pkg_check_modules(DW REQUIRED IMPORTED_TARGET libdw)

find_path(IPT_INCLUDE_DIR intel-pt.h REQUIRED)
find_library(IPT_LIBRARY ipt REQUIRED)
add_library(ipt INTERFACE IMPORTED)
target_include_directories(ipt INTERFACE ${IPT_INCLUDE_DIR})
target_link_libraries(ipt INTERFACE ${IPT_LIBRARY})

# Debian's zydis-config.cmake names a static library that no package ships.
find_path(ZYDIS_INCLUDE_DIR Zydis/Zydis.h REQUIRED)
find_library(ZYDIS_LIBRARY Zydis REQUIRED)
add_library(zydis INTERFACE IMPORTED)
target_include_directories(zydis INTERFACE ${ZYDIS_INCLUDE_DIR})
target_link_libraries(zydis INTERFACE ${ZYDIS_LIBRARY})
