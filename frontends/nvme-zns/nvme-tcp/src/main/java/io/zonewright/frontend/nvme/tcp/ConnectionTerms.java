package io.zonewright.frontend.nvme.tcp;

/** What ICReq and ICResp agreed upon for one connection (TCP Transport 1.1, 3.6.2.2 and 3.6.2.3). On the loop's thread. */
final class ConnectionTerms {
    boolean headerDigest;
    boolean dataDigest;

    /** HPDA: data to the host starts at a multiple of so many bytes. */
    int dataAlignment = 4;

    /** MAXR2T: R2Ts of one command that the host answers at a time. */
    int transfersPerCommand = 1;
}
