/**
 * {@code iscsi-test-cu}, libiscsi's conformance program, against our iSCSI target. Every test of the program that does not
 * pass stands in a list under {@code src/test/resources/libiscsi}, with its reason.
 */
@NullMarked
package io.zonewright.tests.libiscsi;

import org.jspecify.annotations.NullMarked;
