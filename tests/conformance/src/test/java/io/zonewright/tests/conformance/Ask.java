package io.zonewright.tests.conformance;

import io.zonewright.api.request.Operation;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a scenario asks, free of any protocol.
 *
 * @param area whether an open asks for a random write area
 * @param offset bytes
 * @param length bytes
 * @param data what to write; empty for other operations
 */
@SuppressWarnings("ArrayRecordComponent") // payload; nobody compares asks as wholes
record Ask(Operation operation, boolean allZones, boolean area, long offset, int length, byte[] data) {
    static final byte[] NO_DATA = {};

    /** The words that ask a device for something. */
    private static final Set<String> VERBS = Set.of(
            "read",
            "write",
            "append",
            "zeroes",
            "discard",
            "flush",
            "open",
            "close",
            "finish",
            "reset",
            "offline",
            "open-all",
            "close-all",
            "finish-all",
            "reset-all",
            "offline-all",
            "extend",
            "open-area",
            "flush-area");

    /** Makes the payload of so many blocks. */
    @FunctionalInterface
    interface Payload {
        byte[] of(int blocks);
    }

    static Ask of(Operation operation, long offset, int length) {
        return new Ask(operation, false, false, offset, length, NO_DATA);
    }

    private static Ask all(Operation operation) {
        return new Ask(operation, true, false, 0, 0, NO_DATA);
    }

    /** What the words of a scenario's line ask for; null if they ask the device for nothing. */
    static @Nullable Ask parse(List<String> words, Shape shape, Payload payload) {
        if (!VERBS.contains(words.getFirst())) {
            return null;
        }
        long offset = words.size() > 1 ? shape.blocks(words.get(1)) * shape.blockSize() : 0;
        return switch (words.getFirst()) {
            case "read" -> of(Operation.READ, offset, length(words, shape));
            case "write" -> sending(Operation.WRITE, offset, words, shape, payload);
            case "append" -> sending(Operation.APPEND, offset, words, shape, payload);
            case "zeroes" -> of(Operation.WRITE_ZEROES, offset, length(words, shape));
            case "discard" -> of(Operation.DISCARD, offset, length(words, shape));
            case "flush" -> of(Operation.FLUSH, 0, 0);
            case "open" -> of(Operation.ZONE_OPEN, offset, 0);
            case "close" -> of(Operation.ZONE_CLOSE, offset, 0);
            case "finish" -> of(Operation.ZONE_FINISH, offset, 0);
            case "reset" -> of(Operation.ZONE_RESET, offset, 0);
            case "offline" -> of(Operation.ZONE_SET_OFFLINE, offset, 0);
            case "open-all" -> all(Operation.ZONE_OPEN);
            case "close-all" -> all(Operation.ZONE_CLOSE);
            case "finish-all" -> all(Operation.ZONE_FINISH);
            case "reset-all" -> all(Operation.ZONE_RESET);
            case "offline-all" -> all(Operation.ZONE_SET_OFFLINE);
            case "extend" -> new Ask(Operation.ZONE_SET_EXTENSION, false, false, offset, 0, payload.of(1));
            case "open-area" -> new Ask(Operation.ZONE_OPEN, false, true, offset, 0, NO_DATA);
            case "flush-area" -> of(Operation.ZONE_FLUSH_AREA, offset, length(words, shape));
            default -> throw new IllegalArgumentException("unknown operation " + words);
        };
    }

    private static Ask sending(Operation operation, long offset, List<String> words, Shape shape, Payload payload) {
        int length = length(words, shape);
        return new Ask(operation, false, false, offset, length, payload.of(length / shape.blockSize()));
    }

    private static int length(List<String> words, Shape shape) {
        return Math.toIntExact(shape.blocks(words.get(2))) * shape.blockSize();
    }
}
