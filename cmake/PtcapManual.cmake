# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# ptcap_manual(PROGRAM LIBRARY PAGE): the man page and the completions of
# PROGRAM, made by manual.cc of this folder over LIBRARY, in build/*/share as
# they are installed.

include(GNUInstallDirs)

set(ptcap_share ${PROJECT_BINARY_DIR}/share)

function(ptcap_manual program library page)
  set(bash ${ptcap_share}/bash-completion/completions/${program})
  set(zsh ${ptcap_share}/zsh/vendor-completions/_${program})
  set(fish ${ptcap_share}/fish/vendor_completions.d/${program}.fish)
  set(man ${ptcap_share}/man/man1/${program}.1)
  set(page ${CMAKE_CURRENT_SOURCE_DIR}/${page})

  add_executable(${program}_manual manual.cc)
  target_link_libraries(${program}_manual PRIVATE ${library})

  foreach(file ${bash} ${zsh} ${fish} ${man})
    get_filename_component(folder ${file} DIRECTORY)
    file(MAKE_DIRECTORY ${folder})
  endforeach()
  add_custom_command(OUTPUT ${bash} ${zsh} ${fish} ${man}
    COMMAND ${program}_manual bash > ${bash}
    COMMAND ${program}_manual zsh > ${zsh}
    COMMAND ${program}_manual fish > ${fish}
    COMMAND ${program}_manual man ${page} > ${man}
    DEPENDS ${program}_manual ${page} VERBATIM)
  add_custom_target(${program}_share ALL DEPENDS ${bash} ${zsh} ${fish} ${man})

  install(FILES ${bash} COMPONENT tools
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(FILES ${zsh} COMPONENT tools
          DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
  install(FILES ${fish} COMPONENT tools
          DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
  install(FILES ${man} COMPONENT tools
          DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endfunction()
