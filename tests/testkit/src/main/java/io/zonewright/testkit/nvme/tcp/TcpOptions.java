package io.zonewright.testkit.nvme.tcp;

/**
 * How a host connects.
 *
 * @param hostName NQN of the host
 * @param headerDigest whether to ask for digests of headers
 * @param dataDigest whether to ask for digests of data
 * @param flowControl whether submission queues have flow control (else CATTR bit 2 is set)
 * @param queues how many I/O queues
 * @param queueSize entries of each queue
 * @param inCapsule most bytes of data to send within a command capsule; what the controller cannot take is not sent so
 * @param h2cBytes most bytes of an H2CData PDU; what the controller wants less of, it gets less of
 * @param maxR2t outstanding R2Ts that the host allows for a command, at least 1
 * @param alignment of data in PDUs of the controller, a multiple of 4 bytes (HPDA)
 * @param keepAliveMillis KATO; 0: none
 */
public record TcpOptions(
        String hostName,
        boolean headerDigest,
        boolean dataDigest,
        boolean flowControl,
        int queues,
        int queueSize,
        int inCapsule,
        int h2cBytes,
        int maxR2t,
        int alignment,
        int keepAliveMillis) {
    /** One I/O queue of 128, no digests, flow control, everything that fits in the capsule goes there. */
    public static final TcpOptions DEFAULT = new TcpOptions(
            "nqn.2014-08.org.nvmexpress:uuid:5a5a5a5a-0000-4000-8000-000000000001",
            false,
            false,
            true,
            1,
            128,
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            1,
            4,
            0);

    public TcpOptions withHost(String name) {
        return new TcpOptions(
                name,
                headerDigest,
                dataDigest,
                flowControl,
                queues,
                queueSize,
                inCapsule,
                h2cBytes,
                maxR2t,
                alignment,
                keepAliveMillis);
    }

    public TcpOptions withDigests(boolean header, boolean data) {
        return new TcpOptions(
                hostName,
                header,
                data,
                flowControl,
                queues,
                queueSize,
                inCapsule,
                h2cBytes,
                maxR2t,
                alignment,
                keepAliveMillis);
    }

    public TcpOptions withFlowControl(boolean wanted) {
        return new TcpOptions(
                hostName,
                headerDigest,
                dataDigest,
                wanted,
                queues,
                queueSize,
                inCapsule,
                h2cBytes,
                maxR2t,
                alignment,
                keepAliveMillis);
    }

    public TcpOptions withQueues(int count, int size) {
        return new TcpOptions(
                hostName,
                headerDigest,
                dataDigest,
                flowControl,
                count,
                size,
                inCapsule,
                h2cBytes,
                maxR2t,
                alignment,
                keepAliveMillis);
    }

    /** With at most so many bytes in a capsule; 0: every write waits for an R2T. */
    public TcpOptions withInCapsule(int bytes) {
        return new TcpOptions(
                hostName,
                headerDigest,
                dataDigest,
                flowControl,
                queues,
                queueSize,
                bytes,
                h2cBytes,
                maxR2t,
                alignment,
                keepAliveMillis);
    }

    public TcpOptions withH2cBytes(int bytes) {
        return new TcpOptions(
                hostName,
                headerDigest,
                dataDigest,
                flowControl,
                queues,
                queueSize,
                inCapsule,
                bytes,
                maxR2t,
                alignment,
                keepAliveMillis);
    }

    public TcpOptions withMaxR2t(int count) {
        return new TcpOptions(
                hostName,
                headerDigest,
                dataDigest,
                flowControl,
                queues,
                queueSize,
                inCapsule,
                h2cBytes,
                count,
                alignment,
                keepAliveMillis);
    }

    public TcpOptions withAlignment(int bytes) {
        return new TcpOptions(
                hostName,
                headerDigest,
                dataDigest,
                flowControl,
                queues,
                queueSize,
                inCapsule,
                h2cBytes,
                maxR2t,
                bytes,
                keepAliveMillis);
    }

    public TcpOptions withKeepAlive(int millis) {
        return new TcpOptions(
                hostName,
                headerDigest,
                dataDigest,
                flowControl,
                queues,
                queueSize,
                inCapsule,
                h2cBytes,
                maxR2t,
                alignment,
                millis);
    }
}
