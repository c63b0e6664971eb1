# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# How everything is compiled: standard, warnings, sanitizers, compiler cache.

option(PTCAP_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(PTCAP_FUZZ "Build the libFuzzer targets (needs clang)" OFF)
set(PTCAP_SANITIZE "" CACHE STRING "Sanitizers, as after -fsanitize=")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()
# -O2 with asserts kept: an assert that fires is a bug report we want.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(ptcap_options INTERFACE)
# Designated initializers that leave the rest at its default are our style.
target_compile_options(ptcap_options INTERFACE
  -Wall -Wextra -Wno-missing-field-initializers)
target_include_directories(ptcap_options INTERFACE ${PROJECT_SOURCE_DIR})
if(PTCAP_SANITIZE)
  set(flags -fsanitize=${PTCAP_SANITIZE} -fno-sanitize-recover=all
            -fno-omit-frame-pointer)
  target_compile_options(ptcap_options INTERFACE ${flags})
  target_link_options(ptcap_options INTERFACE ${flags})
endif()
if(PTCAP_FUZZ)
  set(flags -fsanitize=fuzzer-no-link,address,undefined
            -fno-sanitize-recover=all)
  target_compile_options(ptcap_options INTERFACE ${flags})
  target_link_options(ptcap_options INTERFACE ${flags})
endif()
