# The operator's console: its models, its end of the protocol, and its pages, driven without a screen.
takt_library(takt_console_rig SOURCES
  console/fakegateway.cpp console/fakegateway.h
  console/samples.cpp console/samples.h
  LINKS takt_shared Qt6::Network)
target_include_directories(takt_console_rig PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
takt_test(gatewayclient takt_console_client takt_console_rig)
takt_test(consolemodels takt_console_models takt_console_rig)

# What has to do with windows: without the tests' precompiled headers, which know no QtGui.
takt_library(takt_console_view_rig SOURCES
  console/clipped.cpp console/clipped.h
  console/picture.cpp console/picture.h
  console/windowrig.cpp console/windowrig.h
  LINKS takt_console_views takt_console_rig Qt6::Test)
function(takt_view_test name)
  add_executable(tst_${name} tst_${name}.cpp)
  target_link_libraries(tst_${name} PRIVATE takt_test_options takt_console_view_rig)
  add_test(NAME ${name} COMMAND tst_${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 120 ENVIRONMENT "QT_QPA_PLATFORM=offscreen")
endfunction()
takt_view_test(consolealarms)
takt_view_test(consolegateways)
takt_view_test(consoleviews)
takt_view_test(consolepages)
# The same on a screen with twice the dots: what fits there, fits.
add_test(NAME consolepages_2x COMMAND tst_consolepages)
set_tests_properties(consolepages_2x PROPERTIES TIMEOUT 120 ENVIRONMENT "QT_QPA_PLATFORM=offscreen;QT_SCALE_FACTOR=2")

takt_test(translations)
target_compile_definitions(tst_translations PRIVATE TAKT_TRANSLATIONS="${CMAKE_SOURCE_DIR}/translations")

# All of it at once: the real programs, on an X server of the test's own.
takt_view_test(desktop)
target_compile_definitions(tst_desktop PRIVATE TAKT_GATEWAY="$<TARGET_FILE:takt-gateway>"
  TAKT_SIM="$<TARGET_FILE:takt-sim>" TAKT_CONSOLE="$<TARGET_FILE:takt-console>")
add_dependencies(tst_desktop takt-gateway takt-sim takt-console)
set_tests_properties(desktop PROPERTIES TIMEOUT 300 RUN_SERIAL ON SKIP_RETURN_CODE 77 ENVIRONMENT "")

# What it says of itself needs no display. (That there is none is not enough: offscreen would do without.)
foreach(option --help --version)
  add_test(NAME console${option} COMMAND ${CMAKE_COMMAND} -E env --unset=DISPLAY --unset=WAYLAND_DISPLAY QT_QPA_PLATFORM=xcb
    $<TARGET_FILE:takt-console> ${option})
endforeach()
