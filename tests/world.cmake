# The tests of the simulator and of the bench: what judges must be judged.
foreach(name frame playout strict tracker vad sessionconfig verdict caller world signature twiml phone rest
        recordings media ai chat crm replay)
  takt_test(sim_${name} takt_sim_core takt_sim_reference)
  set_tests_properties(sim_${name} PROPERTIES TIMEOUT 600)
endforeach()
# Against the clock: alone.
set_tests_properties(sim_world sim_recordings PROPERTIES RUN_SERIAL ON)

takt_test(load_arrivalmeter takt_load)
takt_test(capacity_search takt_sim_capacity)
takt_test(capacity)
add_dependencies(tst_capacity takt-sim takt-gateway)
set_tests_properties(capacity PROPERTIES RUN_SERIAL ON TIMEOUT 300)
foreach(name duel lead workduel)
  takt_test(bench_${name} takt_bench_core)
endforeach()
