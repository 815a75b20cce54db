package io.zonewright.api.spi;

import java.io.IOException;
import java.util.List;

/** A front-end whose settings were read and found good, but that holds nothing yet. */
public interface FrontendPlan {
    /** How to attach to this endpoint. */
    List<AttachHint> attach();

    /** The endpoint in a few words, unique on the machine: {@code unix:/run/x.sock}. Two that are equal are refused. */
    String endpoint();

    /**
     * What is allowed and yet most likely not meant, since clients will not take it, one sentence each; the host tells it
     * at {@code check} and when the device starts.
     */
    default List<String> warnings() {
        return List.of();
    }

    /**
     * Makes the endpoint for {@code device}, not yet listening.
     *
     * @throws IOException with a message for the user
     */
    Frontend open(ZonedDevice device) throws IOException;
}
