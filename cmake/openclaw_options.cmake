# Flags that every target of the tree shares. `openclaw_options` carries them.

set(OPENCLAW_SANITIZE "" CACHE STRING "Value for -fsanitize, empty for none")
option(OPENCLAW_COVERAGE "Instrument for gcov" OFF)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release)
endif()

find_program(OPENCLAW_CCACHE ccache)
if(OPENCLAW_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # Precompiled headers need these two; without them ccache never hits.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${OPENCLAW_CCACHE})
endif()

add_library(openclaw_options INTERFACE)
target_compile_options(openclaw_options INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fno-omit-frame-pointer
    -fstack-protector-strong)
# -fPIE everywhere, given here and not by CMake: CMake compiles libraries with -fPIC and programs
# with -fPIE, and a precompiled header serves only one of the two.
target_compile_options(openclaw_options INTERFACE -fPIE)
target_link_options(openclaw_options INTERFACE
    $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-pie>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(openclaw_options INTERFACE -fpch-preprocess)
    # g++ 12 reports false positives from inlined std::string and coroutine frames at -O2. The
    # other builds, without optimization, keep these warnings.
    target_compile_options(openclaw_options INTERFACE
        $<$<CONFIG:Release>:-Wno-restrict;-Wno-array-bounds;-Wno-maybe-uninitialized;-Wno-stringop-overflow;-Wno-mismatched-new-delete>)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # g++ is the judge of warnings; clang builds the fuzz targets.
    target_compile_options(openclaw_options INTERFACE -Wno-error)
endif()
target_include_directories(openclaw_options INTERFACE ${CMAKE_SOURCE_DIR}/include)
target_compile_definitions(openclaw_options INTERFACE
    BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_DISABLE_STD_ALIGNED_ALLOC
    BOOST_ASIO_DISABLE_BOOST_ALIGN BOOST_ASIO_NO_DEPRECATED BOOST_BEAST_USE_STD_STRING_VIEW
    JSON_USE_IMPLICIT_CONVERSIONS=0 SPDLOG_COMPILED_LIB SPDLOG_FMT_EXTERNAL)

if(OPENCLAW_SANITIZE)
    target_compile_options(openclaw_options INTERFACE
        -fsanitize=${OPENCLAW_SANITIZE} -fno-sanitize-recover=all -O1)
    target_link_options(openclaw_options INTERFACE -fsanitize=${OPENCLAW_SANITIZE})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        # clang 14 cannot put the marks of this check before the parts of a coroutine.
        target_compile_options(openclaw_options INTERFACE -fno-sanitize=function)
    endif()
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # The same false positives as in Release: sanitizers build with -O1.
        target_compile_options(openclaw_options INTERFACE -Wno-restrict -Wno-array-bounds
            -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-mismatched-new-delete)
    endif()
    if(OPENCLAW_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # g++ warns that TSan does not model atomic_thread_fence; Asio uses it in one place.
        target_compile_options(openclaw_options INTERFACE -Wno-tsan)
    endif()
else()
    target_compile_definitions(openclaw_options INTERFACE
        $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
endif()
if(OPENCLAW_COVERAGE)
    target_compile_options(openclaw_options INTERFACE --coverage -O0)
    target_link_options(openclaw_options INTERFACE --coverage)
endif()

set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
# Lines and names for a stack trace, no local variables: a quarter of a cold build's time and half of
# its size. Who debugs configures with -DCMAKE_CXX_FLAGS_DEBUG=-ggdb.
if(CMAKE_CXX_FLAGS_DEBUG STREQUAL "-g")
    set(CMAKE_CXX_FLAGS_DEBUG "-g1")
endif()
target_link_options(openclaw_options INTERFACE
    $<$<CONFIG:Release>:-Wl,-z,relro,-z,now,--as-needed,--gc-sections>)
target_compile_options(openclaw_options INTERFACE
    $<$<CONFIG:Release>:-ffunction-sections;-fdata-sections>)
