package io.zonewright.tests.conformance;

import io.zonewright.api.request.Operation;

/**
 * What a scenario asks, free of any protocol.
 *
 * @param offset bytes
 * @param length bytes
 * @param data what to write; empty for other operations
 */
@SuppressWarnings("ArrayRecordComponent") // payload; nobody compares asks as wholes
record Ask(Operation operation, boolean allZones, long offset, int length, byte[] data) {
    static final byte[] NO_DATA = {};

    static Ask of(Operation operation, long offset, int length) {
        return new Ask(operation, false, offset, length, NO_DATA);
    }
}
