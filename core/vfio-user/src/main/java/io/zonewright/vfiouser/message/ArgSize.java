package io.zonewright.vfiouser.message;

/** The field {@code argsz} that begins many structures: what the client has room for in the reply. */
final class ArgSize {
    private ArgSize() {}

    static void require(int argSize, int least) throws RequestException {
        if (argSize < 0 || argSize < least) {
            throw RequestException.invalid(
                    "argsz is " + Integer.toUnsignedString(argSize) + ", and the structure has " + least + " bytes");
        }
    }
}
