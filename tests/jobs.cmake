# The work after calls: stages and what they are made of, over real sockets, with real files and real ffmpeg.
foreach(name activecall gate child jobhttp jobhttp_trust jobcontext download convert match transcriptmerge multipart aiclient chat heard
    transcribe summarize extract aistages webhooksign webhook_oracle ssrf payload leadstatus leadstage webhookstage runner)
  takt_test(${name} takt_jobs takt_sim_core)
endforeach()
takt_test(settings_jobs takt_config)

# The store: one suite on SQLite and on a real PostgreSQL server.
takt_library(takt_store_rig SOURCES
  support/postgres.cpp support/postgres.h
  support/storerig.cpp support/storerig.h
  LINKS takt_store Qt6::Test)
target_include_directories(takt_store_rig PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
foreach(name queue queue_ends queue_leases queue_lists queue_operators queue_model leads outbox workers dossier calllist postgres)
  takt_test(${name} takt_records takt_store_rig)
  set_tests_properties(${name} PROPERTIES TIMEOUT 300) # each on two databases, and on disks that are shared
endforeach()

# Through the whole gateway, from hello to the CRM's receipt. Against the clock: alone.
takt_test(work takt_daemon takt_sim_core takt_sim_reference)
set_tests_properties(work PROPERTIES TIMEOUT 400 RUN_SERIAL ON)

# The real program, killed: once with each database. More kills: tests/crash.sh.
takt_test(crash takt_daemon takt_sim_core takt_store_rig)
target_compile_definitions(tst_crash PRIVATE TAKT_GATEWAY="$<TARGET_FILE:takt-gateway>")
add_dependencies(tst_crash takt-gateway)
set_tests_properties(crash PROPERTIES TIMEOUT 900
  ENVIRONMENT "QT_QPA_PLATFORM=offscreen;QTEST_FUNCTION_TIMEOUT=800000")
add_test(NAME crash_postgres COMMAND tst_crash)
set_tests_properties(crash_postgres PROPERTIES TIMEOUT 900
  ENVIRONMENT "QT_QPA_PLATFORM=offscreen;QTEST_FUNCTION_TIMEOUT=800000;TAKT_CRASH_DATABASE=postgres")
