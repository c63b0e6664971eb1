/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The ptcap authors */
/* */
/* A log that a program keeps of its own calls, a line an event:
 * "TID KIND ADDRESS", with KIND
 *   E  entered            X  about to return     x  left by an exception
 *   T  entered by a tail call of the one that ran
 *   U  ADDRESS, the depth of calls, is reached again by longjmp or a catch
 */

#ifndef PTCAP_TESTS_DECODE_CALLS_CALL_LOG_H_
#define PTCAP_TESTS_DECODE_CALLS_CALL_LOG_H_

#define NOT_LOGGED __attribute__((no_instrument_function, noinline))

#ifdef __cplusplus
extern "C" {
#endif

NOT_LOGGED void log_entered(void* function);
NOT_LOGGED void log_leaving(void* function);
NOT_LOGGED void log_tail(void* function);
NOT_LOGGED unsigned log_depth(void);
NOT_LOGGED void log_landed(unsigned depth);
NOT_LOGGED void log_write(const char* path); /* all threads are over */

#ifdef __cplusplus
}
#endif

#endif /* PTCAP_TESTS_DECODE_CALLS_CALL_LOG_H_ */
