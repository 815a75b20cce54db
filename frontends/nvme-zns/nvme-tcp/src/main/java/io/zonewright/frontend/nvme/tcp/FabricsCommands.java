package io.zonewright.frontend.nvme.tcp;

import io.zonewright.frontend.nvme.command.NvmeOpcode;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.frontend.nvme.command.Transfer;
import io.zonewright.frontend.nvme.tcp.auth.DhchapSession;
import io.zonewright.frontend.nvme.tcp.auth.HostSecrets;
import io.zonewright.net.NetBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Fabrics commands of one connection (Base 2.1, section 6): Connect, properties, authentication, Disconnect. Rare, so
 * they may allocate. On the loop's thread; what authentication computes runs on the portal's own thread.
 */
final class FabricsCommands {
    // FCTYPE.
    private static final int PROPERTY_SET = 0x00;
    private static final int CONNECT = 0x01;
    private static final int PROPERTY_GET = 0x04;
    private static final int AUTHENTICATION_SEND = 0x05;
    private static final int AUTHENTICATION_RECEIVE = 0x06;
    private static final int DISCONNECT = 0x08;

    // Fields of entries.
    private static final int FCTYPE_OFFSET = 4;
    private static final int ATTRIB_OFFSET = 40;
    private static final int PROPERTY_OFFSET = 44;
    private static final int VALUE_OFFSET = 48;
    private static final int SPSP0_OFFSET = 41;
    private static final int SPSP1_OFFSET = 42;
    private static final int SECP_OFFSET = 43;
    private static final int LENGTH_OFFSET = 44;
    private static final int RECFMT_OFFSET = 40;

    /** SECP: NVMe's own protocols. */
    private static final int SECP_NVME = 0xE9;

    private static final int MAX_MESSAGE = 16 << 10;
    private static final int MAX_ADMIN_ENTRIES = 256;

    /** AUTHREQ in the answer to Connect: authentication is required (bit 17 of DW0). */
    private static final int AUTHENTICATION_REQUIRED = 1 << 17;

    /** More failed exchanges than this end the connection. */
    private static final int MAX_FAILURES = 3;

    private static final int INVALID_FIELD = NvmeStatus.dnr(NvmeStatus.INVALID_FIELD);
    private static final int OUT_OF_SEQUENCE = NvmeStatus.dnr(NvmeStatus.COMMAND_SEQUENCE_ERROR);
    private static final int UNKNOWN = NvmeStatus.dnr(NvmeStatus.INVALID_COMMAND_OPCODE);

    private final NvmeTcpConnection connection;
    private final Portal portal;
    private @Nullable DhchapSession session;
    private boolean authenticating;
    private int failuresTold;
    private boolean left;

    FabricsCommands(NvmeTcpConnection connection, Portal portal) {
        this.connection = connection;
        this.portal = portal;
    }

    /** Whether the host has disconnected the queue. */
    boolean left() {
        return left;
    }

    void closed() {
        session = null;
    }

    boolean isConnect(TcpCommand command) {
        return command.opcode() == NvmeOpcode.FABRICS.code() && type(command) == CONNECT;
    }

    private static int type(TcpCommand command) {
        return command.sqe()[FCTYPE_OFFSET] & 0xFF;
    }

    /** Takes a command; its data, if it has any, is provided next. */
    void begin(TcpCommand command) {
        int type = type(command);
        if (type == CONNECT) {
            if (connection.association() != null) {
                command.end(OUT_OF_SEQUENCE, 0, 0);
            } else {
                provide(command, Transfer.TO_CONTROLLER, ConnectRequest.DATA_BYTES);
            }
            return;
        }
        Association association = connection.association();
        if (association == null || left) {
            command.end(OUT_OF_SEQUENCE, 0, 0);
            return;
        }
        if (type == AUTHENTICATION_SEND || type == AUTHENTICATION_RECEIVE) {
            beginAuthentication(command, type == AUTHENTICATION_SEND);
        } else if (!connection.admitted()) {
            command.end(NvmeStatus.dnr(NvmeStatus.AUTHENTICATION_REQUIRED), 0, 0);
        } else {
            switch (type) {
                case PROPERTY_GET -> getProperty(command, association);
                case PROPERTY_SET -> setProperty(command, association);
                case DISCONNECT -> disconnect(command);
                default -> command.end(UNKNOWN, 0, 0);
            }
        }
    }

    private void provide(TcpCommand command, Transfer direction, int bytes) {
        command.direction = direction;
        command.bytes = bytes;
        connection.provideData(command);
    }

    /** Carries out a command whose data is there. */
    void execute(TcpCommand command) {
        switch (type(command)) {
            case CONNECT -> connect(command);
            case AUTHENTICATION_SEND -> authenticationSend(command);
            case AUTHENTICATION_RECEIVE -> authenticationReceive(command);
            default -> throw new IllegalStateException("no data belongs to fabrics command " + type(command));
        }
    }

    // Connect ------------------------------------------------------------------------------------------------------

    private void connect(TcpCommand command) {
        byte[] data = new byte[ConnectRequest.DATA_BYTES];
        command.data().copyTo(0, MemorySegment.ofArray(data), 0, data.length);
        ConnectRequest request = ConnectRequest.of(command.sqe(), data);
        if (connection.association() != null) {
            command.end(OUT_OF_SEQUENCE, 0, 0); // a second one that came before the first was answered
            return;
        }
        if (request.error() != NvmeStatus.SUCCESS) {
            refuse(command, request, request.error(), request.errorDword());
            return;
        }
        Subsystem subsystem = portal.subsystem(request.subsystemNqn());
        if (subsystem == null) {
            invalid(command, request, ConnectRequest.inData(ConnectRequest.SUBNQN_OFFSET));
        } else if (!subsystem.access().allows(request.hostNqn())) {
            connection.countFor(subsystem.counters(connection.resources().index()));
            refuse(command, request, NvmeStatus.dnr(NvmeStatus.CONNECT_INVALID_HOST), 0);
        } else if (request.qid() == 0) {
            connectAdmin(command, request, subsystem);
        } else {
            connectQueue(command, request, subsystem);
        }
    }

    private void connectAdmin(TcpCommand command, ConnectRequest request, Subsystem subsystem) {
        if (request.controllerId() != ConnectRequest.DYNAMIC) {
            invalid(command, request, ConnectRequest.inData(ConnectRequest.CNTLID_OFFSET));
        } else if (request.sqEntries() > MAX_ADMIN_ENTRIES) {
            invalid(command, request, ConnectRequest.inEntry(ConnectRequest.SQSIZE_OFFSET));
        } else {
            Association made;
            try {
                made = subsystem.associate(request.hostNqn(), request.hostId(), request.keepAliveMillis(), connection);
            } catch (IllegalStateException e) {
                refuse(command, request, NvmeStatus.CONNECT_CONTROLLER_BUSY, 0);
                return;
            }
            connected(command, request, subsystem, made);
        }
    }

    private void connectQueue(TcpCommand command, ConnectRequest request, Subsystem subsystem) {
        Association existing = subsystem.find(request.controllerId());
        if (existing == null) {
            invalid(command, request, ConnectRequest.inData(ConnectRequest.CNTLID_OFFSET));
        } else if (!existing.hostNqn().equals(request.hostNqn())) {
            invalid(command, request, ConnectRequest.inData(ConnectRequest.HOSTNQN_OFFSET));
        } else if (!existing.hostId().equals(request.hostId())) {
            invalid(command, request, ConnectRequest.inData(ConnectRequest.HOSTID_OFFSET));
        } else if (request.qid() > existing.maxIoQueues()) {
            invalid(command, request, ConnectRequest.inEntry(ConnectRequest.QID_OFFSET));
        } else if (request.sqEntries() > subsystem.queueEntries()) {
            invalid(command, request, ConnectRequest.inEntry(ConnectRequest.SQSIZE_OFFSET));
        } else if (!existing.ready() || !existing.enter(request.qid(), connection)) {
            refuse(command, request, OUT_OF_SEQUENCE, 0);
        } else {
            connected(command, request, subsystem, existing);
        }
    }

    private void connected(TcpCommand command, ConnectRequest request, Subsystem subsystem, Association to) {
        HostSecrets secrets = subsystem.access().secretsOf(request.hostNqn());
        connection.countFor(subsystem.counters(connection.resources().index()));
        connection.connected(to, request.qid(), request.sqEntries(), request.flowControl(), secrets == null);
        if (secrets != null) {
            session = new DhchapSession(portal.random(), request.hostNqn(), request.subsystemNqn(), secrets);
        }
        if (request.qid() == 0) {
            portal.logConnected(connection, to);
        }
        command.end(NvmeStatus.SUCCESS, to.id() | (secrets == null ? 0 : AUTHENTICATION_REQUIRED), 0);
    }

    private void invalid(TcpCommand command, ConnectRequest request, int where) {
        refuse(command, request, NvmeStatus.dnr(NvmeStatus.CONNECT_INVALID_PARAMETERS), where);
    }

    private void refuse(TcpCommand command, ConnectRequest request, int status, int dword) {
        connection.count(NvmeTcpCounter.CONNECTS_REFUSED, 1);
        portal.logRefused(connection, request, status, dword);
        command.end(status, dword, 0);
    }

    private void disconnect(TcpCommand command) {
        if (Little.u16(command.sqe(), RECFMT_OFFSET) != 0) {
            command.end(NvmeStatus.dnr(NvmeStatus.CONNECT_INCOMPATIBLE_FORMAT), 0, 0);
        } else if (connection.qid() == 0) {
            command.end(NvmeStatus.dnr(NvmeStatus.DISCONNECT_INVALID_QUEUE_TYPE), 0, 0);
        } else {
            left = true;
            connection.disconnected();
            command.end(NvmeStatus.SUCCESS, 0, 0);
        }
    }

    // Properties ---------------------------------------------------------------------------------------------------

    private void getProperty(TcpCommand command, Association association) {
        int size = propertySize(command);
        if (connection.qid() != 0) {
            command.end(UNKNOWN, 0, 0);
            return;
        }
        Long value = size == 0 ? null : association.property(Little.i32(command.sqe(), PROPERTY_OFFSET), size);
        if (value == null) {
            command.end(INVALID_FIELD, 0, 0);
        } else {
            command.end(NvmeStatus.SUCCESS, (int) (long) value, (int) (value >>> 32));
        }
    }

    private void setProperty(TcpCommand command, Association association) {
        int size = propertySize(command);
        if (connection.qid() != 0) {
            command.end(UNKNOWN, 0, 0);
            return;
        }
        long value = Integer.toUnsignedLong(Little.i32(command.sqe(), VALUE_OFFSET))
                | (long) Little.i32(command.sqe(), VALUE_OFFSET + 4) << 32;
        boolean done = size != 0 && association.setProperty(Little.i32(command.sqe(), PROPERTY_OFFSET), size, value);
        command.end(done ? NvmeStatus.SUCCESS : INVALID_FIELD, 0, 0);
    }

    /** 4 or 8 bytes; 0 if the attribute is neither. */
    private static int propertySize(TcpCommand command) {
        return switch (command.sqe()[ATTRIB_OFFSET] & 0x7) {
            case 0 -> 4;
            case 1 -> 8;
            default -> 0;
        };
    }

    // Authentication -----------------------------------------------------------------------------------------------

    private void beginAuthentication(TcpCommand command, boolean send) {
        byte[] sqe = command.sqe();
        int length = Little.i32(sqe, LENGTH_OFFSET);
        if (session == null) {
            command.end(UNKNOWN, 0, 0);
        } else if ((sqe[SECP_OFFSET] & 0xFF) != SECP_NVME
                || sqe[SPSP0_OFFSET] != 1
                || sqe[SPSP1_OFFSET] != 1
                || length < 1
                || length > MAX_MESSAGE) {
            command.end(INVALID_FIELD, 0, 0);
        } else {
            provide(command, send ? Transfer.TO_CONTROLLER : Transfer.TO_HOST, length);
        }
    }

    private void authenticationSend(TcpCommand command) {
        byte[] message = new byte[command.bytes];
        command.data().copyTo(0, MemorySegment.ofArray(message), 0, message.length);
        compute(command, current -> {
            current.send(message);
            return NvmeStatus.SUCCESS;
        });
    }

    private void authenticationReceive(TcpCommand command) {
        NetBuffer buffer = Objects.requireNonNull(command.buffer);
        int room = command.bytes;
        compute(command, current -> {
            byte[] message = current.receive(room);
            if (message == null) {
                return INVALID_FIELD;
            }
            MemorySegment out = buffer.segment().asSlice(TcpCommand.DATA_AT, room);
            out.fill((byte) 0);
            MemorySegment.copy(message, 0, out, ValueLayout.JAVA_BYTE, 0, message.length);
            return NvmeStatus.SUCCESS;
        });
    }

    private interface Step {
        int run(DhchapSession current);
    }

    /** Runs one step beside the loop; one at a time, since the session is one thread's at a time. */
    private void compute(TcpCommand command, Step step) {
        DhchapSession current = session;
        if (current == null || authenticating) {
            command.end(OUT_OF_SEQUENCE, 0, 0);
            return;
        }
        authenticating = true;
        boolean taken = portal.authenticate(connection, () -> {
            int status = NvmeStatus.INTERNAL_ERROR;
            try {
                status = step.run(current);
            } finally {
                int result = status;
                connection.loop().pollLoop().execute(() -> computed(command, current, result));
            }
        });
        if (!taken) {
            authenticating = false;
            command.end(NvmeStatus.INTERNAL_ERROR, 0, 0);
        }
    }

    private void computed(TcpCommand command, DhchapSession current, int status) {
        authenticating = false;
        int failures = current.failures();
        boolean failed = failures > failuresTold;
        failuresTold = failures;
        if (!connection.closed()) {
            if (current.authenticated()) {
                connection.admit();
            } else {
                connection.disconnected();
            }
        }
        command.end(status, 0, 0);
        if (failed && !connection.closed()) {
            portal.authenticationFailed(connection, current);
            if (failures > MAX_FAILURES) {
                connection.close();
            }
        }
    }
}
