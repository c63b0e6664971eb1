# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# cmake -D OUT=page.html -P bundle.cmake
# One page out of its parts. The modules import only each other and no two
# names clash, so joining them in this order and dropping the import and export
# words is all that a bundler would do.

set(modules text data table canvas flame timeline views main)
set(here ${CMAKE_CURRENT_LIST_DIR})

set(script "'use strict';\n")
foreach(module ${modules})
  file(READ ${here}/${module}.js text)
  string(REGEX REPLACE "\nimport [^\n]*;" "" text "${text}")
  string(REGEX REPLACE "\nexport " "\n" text "${text}")
  string(APPEND script "${text}")
endforeach()
if(script MATCHES "\n(import|export) ")
  message(FATAL_ERROR "an import or export that is not on one line")
endif()

file(READ ${here}/style.css style)
file(READ ${here}/page.html page)
string(REPLACE "/*STYLE*/" "${style}" page "${page}")
string(REPLACE "/*SCRIPT*/" "{\n${script}}" page "${page}")
file(WRITE ${OUT} "${page}")
