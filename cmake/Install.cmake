# What `cmake --install` installs, and `cpack -G DEB` packs: the program, what shells and man(1) want of it, files to begin with, pages.
include(GNUInstallDirs)

set(TAILBIT_ZSH_FOLDER ${CMAKE_INSTALL_DATADIR}/zsh/site-functions CACHE STRING "Where zsh looks for completion; Debian's packages: share/zsh/vendor-completions")

# The program says itself what it knows.
set(texts ${PROJECT_BINARY_DIR}/texts)
file(MAKE_DIRECTORY ${texts})
set(made "")
foreach(text bash:tailbit.bash zsh:_tailbit fish:tailbit.fish man:tailbit.1)
  string(REPLACE ":" ";" text ${text})
  list(GET text 0 kind)
  list(GET text 1 file)
  add_custom_command(OUTPUT ${texts}/${file} COMMAND tailbit completion ${kind} > ${texts}/${file} DEPENDS tailbit VERBATIM)
  list(APPEND made ${texts}/${file})
endforeach()
add_custom_target(tailbit_texts DEPENDS ${made})
# Sanitizers may not start where this is built, and nobody installs such a program.
if(NOT TAILBIT_SANITIZE)
  add_custom_target(tailbit_install_texts ALL DEPENDS tailbit_texts)
endif()

include(cmake/Sbom.cmake)
tailbit_write_sbom(${texts}/tailbit.cdx.json)

set(share ${CMAKE_INSTALL_DATADIR}/tailbit)
install(TARGETS tailbit)
if(TAILBIT_MPI)
  install(TARGETS tailbit-mpi)
endif()
install(FILES ${texts}/tailbit.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${texts}/tailbit.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME tailbit)
install(FILES ${texts}/_tailbit DESTINATION ${TAILBIT_ZSH_FOLDER})
install(FILES ${texts}/tailbit.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(DIRECTORY configs/samples configs/schema configs/observability DESTINATION ${share})
install(DIRECTORY configs/deploy DESTINATION ${share} USE_SOURCE_PERMISSIONS PATTERN debian EXCLUDE)
install(DIRECTORY configs/deploy/systemd/ DESTINATION lib/systemd/system FILES_MATCHING PATTERN "tailbit*")
install(FILES configs/deploy/sysusers.d/tailbit.conf DESTINATION lib/sysusers.d)
install(FILES configs/deploy/tmpfiles.d/tailbit.conf DESTINATION lib/tmpfiles.d)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md")
install(FILES README.md CHANGELOG.md LICENSE ${texts}/tailbit.cdx.json DESTINATION ${CMAKE_INSTALL_DOCDIR})
# Debian looks for the licence under this name.
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)

# --- The Debian package ----------------------------------------------------------------------------------------------------------
# Equal sources make equal packages where SOURCE_DATE_EPOCH is set (scripts/checks/reproducible.sh).
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME tailbit)
set(CPACK_PACKAGE_VENDOR Tailbit)
set(CPACK_PACKAGE_CONTACT "The Tailbit developers <tailbit@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "tail risk of a derivatives book by full revaluation")
set(CPACK_PACKAGE_DESCRIPTION
  "Value at risk, expected shortfall and exposure of a book of crypto derivatives, each with its error, from correlated scenarios in which
every contract is revalued. The same bits on every x86-64 processor and on CUDA GPUs.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/configs/deploy/debian/postinst)
# Whatever umask the sources were unpacked with.
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
include(CPack)
