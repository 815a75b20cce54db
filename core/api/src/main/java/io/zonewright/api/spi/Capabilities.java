package io.zonewright.api.spi;

/**
 * What a medium can do; a front-end advertises nothing else.
 *
 * @param readOnly takes no writes and no zone actions at all
 * @param volatileCache acknowledged writes may be lost by a crash until a {@code FLUSH}; if false, flush and FUA cost nothing
 * @param discard knows {@link io.zonewright.api.request.Operation#DISCARD}
 * @param writeZeroes knows {@link io.zonewright.api.request.Operation#WRITE_ZEROES}
 * @param nativeAppend places appends itself (else the engine turns them into writes at the pointer)
 * @param ownZoneRules the medium has a zone state machine of its own (a real disk): the engine mirrors it and asks it
 *     to report after every failure, instead of deciding itself
 */
public record Capabilities(
        boolean readOnly,
        boolean volatileCache,
        boolean discard,
        boolean writeZeroes,
        boolean nativeAppend,
        boolean ownZoneRules) {
    /** Reads and writes only, stable when acknowledged. */
    public static final Capabilities PLAIN = new Capabilities(false, false, false, false, false, false);
}
