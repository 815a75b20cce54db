package io.zonewright.daemon.control;

/**
 * The protocol of the control socket. A client sends one JSON object on one line, the daemon answers with one on one
 * line; as often as the client likes on one connection.
 *
 * <pre>
 * → {"version":1,"command":"zones","device":"archive","first":0,"count":2}
 * ← {"version":1,"ok":true,"result":{…}}
 * ← {"version":1,"ok":false,"error":{"code":"no-such-device","message":"…"}}
 * </pre>
 *
 * Fields that a peer does not know are ignored; a change that would break a peer gets a new version.
 */
final class ControlProtocol {
    static final long VERSION = 1;

    /** Longest request in bytes; the longest sensible one has some 200. */
    static final int MAX_REQUEST = 16 << 10;

    /** Longest answer in bytes: a page of zones with room to spare, or the attach hints of every device. */
    static final int MAX_ANSWER = 64 << 20;

    /** Longest path of a Unix socket in bytes (unix(7): sun_path has 108 with its final zero). */
    static final int MAX_PATH = 107;

    private ControlProtocol() {}
}
