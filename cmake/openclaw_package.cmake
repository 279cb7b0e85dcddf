# What `cpack` puts into openclaw_<version>_<architecture>.deb, and `cmake --install` below a prefix.
# Made from the release preset: cd build/release && cpack

include(GNUInstallDirs)

set(package_dir ${CMAKE_BINARY_DIR}/package)
set(doc_dir share/doc/openclaw)

# The pages for man(1) and the completions come from the binary's own command tree, Debian's
# changelog wants to be compressed without a name and a time.
install(CODE "
    file(REMOVE_RECURSE \"${package_dir}\")
    file(MAKE_DIRECTORY \"${package_dir}\")
    execute_process(COMMAND \"${CMAKE_BINARY_DIR}/openclaw\" manual \"${package_dir}/man\"
        OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
    foreach(shell bash zsh fish)
        execute_process(COMMAND \"${CMAKE_BINARY_DIR}/openclaw\" completion \${shell}
            OUTPUT_FILE \"${package_dir}/completion.\${shell}\" COMMAND_ERROR_IS_FATAL ANY)
    endforeach()
    file(COPY \"${CMAKE_SOURCE_DIR}/packaging/deb/changelog\" DESTINATION \"${package_dir}\")
    file(GLOB texts \"${package_dir}/man/*.1\")
    execute_process(COMMAND gzip -9nf \${texts} \"${package_dir}/changelog\"
        COMMAND_ERROR_IS_FATAL ANY)")

install(TARGETS openclaw RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${package_dir}/man/ DESTINATION share/man/man1)
install(FILES ${package_dir}/completion.bash
    DESTINATION share/bash-completion/completions RENAME openclaw)
install(FILES ${package_dir}/completion.zsh DESTINATION share/zsh/vendor-completions RENAME _openclaw)
install(FILES ${package_dir}/completion.fish
    DESTINATION share/fish/vendor_completions.d RENAME openclaw.fish)
install(FILES ${package_dir}/changelog.gz DESTINATION ${doc_dir})
install(FILES packaging/deb/copyright DESTINATION ${doc_dir})
install(DIRECTORY config/ DESTINATION ${doc_dir}/examples)
install(DIRECTORY docs/ DESTINATION ${doc_dir} FILES_MATCHING PATTERN "*.md")
install(FILES packaging/systemd/openclaw.sysusers DESTINATION lib/sysusers.d RENAME openclaw.conf)
# Debian 12 keeps the units of packages here, beside /usr.
install(FILES packaging/systemd/openclaw.service DESTINATION /lib/systemd/system)

file(STRINGS packaging/deb/changelog changelog_head LIMIT_COUNT 1)
if(NOT changelog_head MATCHES "^openclaw \\(${PROJECT_VERSION}\\) ")
    message(FATAL_ERROR "packaging/deb/changelog begins with \"${changelog_head}\", "
        "but this is version ${PROJECT_VERSION}: add an entry for it.")
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME openclaw)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The openclaw authors <packages@openclaw.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "gateway between people, agents and language models")
set(CPACK_PACKAGE_DESCRIPTION
"One process at the centre of a personal or team AI assistant. Messages come
from chat channels, from WebSocket and HTTP clients and from webhooks; the
gateway finds the agent and the conversation that they belong to, runs a
language model and its tools, and sends the answer back. What it has
acknowledged is on disk until it is answered.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "ca-certificates, tzdata, systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_PACKAGE_PREDEPENDS "init-system-helpers (>= 1.54~)")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${CMAKE_SOURCE_DIR}/packaging/deb/postinst ${CMAKE_SOURCE_DIR}/packaging/deb/prerm
    ${CMAKE_SOURCE_DIR}/packaging/deb/postrm)
include(CPack)
