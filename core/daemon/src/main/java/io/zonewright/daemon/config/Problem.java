package io.zonewright.daemon.config;

/**
 * One thing that is wrong with a configuration file.
 *
 * @param position where
 * @param key path of the key, {@code devices.archive.backend.size}; empty if the file as a whole is at fault
 * @param what is wrong, without a full stop
 * @param fix what to write instead; empty if {@code what} says it
 */
public record Problem(Position position, String key, String what, String fix) {
    /** {@code FILE:LINE:COLUMN: key: what; fix}, one line whatever the user wrote. */
    @Override
    public String toString() {
        return position + ": " + (key.isEmpty() ? "" : key + ": ") + what + (fix.isEmpty() ? "" : "; " + fix);
    }
}
