# Tests over real sockets, files and threads.
takt_test(link takt_speech)
takt_test(lane takt_carrier takt_frontdoor)
takt_test(call takt_calls)
takt_test(beatdispatcher takt_media Qt6::Network)
takt_test(control takt_control)
takt_test(frontdoor takt_frontdoor)
takt_test(endtoend takt_daemon takt_sim_core)
# Against the clock: alone.
set_tests_properties(endtoend PROPERTIES TIMEOUT 500 RUN_SERIAL ON)
