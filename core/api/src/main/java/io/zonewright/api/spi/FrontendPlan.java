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
     * Makes the endpoint for {@code device}, not yet listening.
     *
     * @throws IOException with a message for the user
     */
    Frontend open(ZonedDevice device) throws IOException;
}
