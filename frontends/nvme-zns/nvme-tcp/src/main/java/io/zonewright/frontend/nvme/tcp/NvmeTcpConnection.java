package io.zonewright.frontend.nvme.tcp;

import io.zonewright.frontend.nvme.command.NvmeOpcode;
import io.zonewright.frontend.nvme.command.NvmeStatus;
import io.zonewright.frontend.nvme.command.Transfer;
import io.zonewright.net.BufferPool;
import io.zonewright.net.NetAddress;
import io.zonewright.net.NetBuffer;
import io.zonewright.net.Outgoing;
import io.zonewright.net.SendQueue;
import io.zonewright.net.SocketMember;
import io.zonewright.posix.TcpConnection;
import io.zonewright.runtime.Counters;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One queue pair's connection: its life, its queue, and its commands from capsule to answer (TCP Transport 1.1, section 3).
 * {@link PduReader} takes in, {@link CommandData} finds memory for data, {@link PduWriter} forms what goes out. Knows nothing
 * of what commands mean: those go to the {@link Association}, or before and beside it to {@link FabricsCommands}.
 *
 * <p><b>Memory.</b> Idle, it holds none. Input gathers in one buffer, and data that came within a capsule is handed down
 * where it lies. Data by R2T goes straight into the command's own buffer, for which a command waits before the R2T is
 * sent; a read waits for its buffer likewise. What one connection may hold is bounded, so a host that does not read, or
 * does not send what it was asked for, stalls its own commands only, and is disconnected after a while.
 *
 * <p>Everything belongs to the loop's thread, except {@link #closeSoon} and {@link #drainSoon}.
 */
final class NvmeTcpConnection extends SocketMember {
    /** In-capsule data of Fabrics and admin commands (section 3.4, "at least 8,192 bytes"). */
    static final int ADMIN_CAPSULE_DATA = 8 << 10;

    /** In-capsule data on I/O queues: IOCCSZ less the entry. */
    static final int IO_CAPSULE_DATA = 16 << 10;

    /** MAXH2CDATA. */
    static final int MAX_H2C_DATA = BufferPool.MAX_BYTES;

    /** Data of one command: MDTS. */
    static final int MAX_DATA = BufferPool.MAX_BYTES;

    static final long HANDSHAKE_NANOS = TimeUnit.SECONDS.toNanos(10);
    static final long AUTHENTICATION_NANOS = TimeUnit.SECONDS.toNanos(60);
    static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(30);
    static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final LoopResources resources;
    private final FabricsCommands fabrics;
    private final InetSocketAddress peer;
    private final Runnable afterClose;
    private final SendQueue queue = new SendQueue();
    private final Portal portal;
    private final ConnectionTerms terms = new ConnectionTerms();
    private final PduWriter writer;
    private final CommandData data;
    private final PduReader reader;

    /** When the host was last told to prove itself, or came: nanoseconds of the loop's clock. */
    private long waitingSince;

    /** The last words are on their way: nothing more is taken. */
    private boolean terminating;

    private Counters<NvmeTcpCounter> counters;
    private @Nullable Association association;
    private int qid;
    private int entries = 1;
    private boolean flowControl = true;
    private int sqHead;
    private boolean admitted;
    private int capsuleData = ADMIN_CAPSULE_DATA;

    private int inFlight;
    private int executing;
    private int work;
    private boolean serving;
    /** Commands carried out in this pass, and whose device gathers them. */
    private int started;

    private @Nullable Association batch;
    private boolean outputShut;
    private boolean draining;
    private @Nullable Runnable drained;
    private int quietReports;

    private boolean progressed = true;
    private long lastProgress;
    private long terminatingSince;

    NvmeTcpConnection(
            TcpConnection socket,
            InetSocketAddress peer,
            LoopResources resources,
            Portal portal,
            Counters<NvmeTcpCounter> counters,
            Runnable afterClose) {
        super(socket, resources.loop());
        this.resources = resources;
        this.peer = peer;
        this.counters = counters;
        this.afterClose = afterClose;
        this.portal = portal;
        waitingSince = resources.loop().now();
        lastProgress = waitingSince;
        fabrics = new FabricsCommands(this, portal);
        writer = new PduWriter(terms, resources.loop().crc());
        data = new CommandData(this, terms, writer);
        reader = new PduReader(this, terms, writer, data, portal.options().digests());
    }

    @Override
    public String name() {
        Association of = association;
        String who = NetAddress.of(peer).toString();
        return of == null ? who : who + " controller " + of.id() + " queue " + qid;
    }

    InetSocketAddress peer() {
        return peer;
    }

    LoopResources resources() {
        return resources;
    }

    @Nullable
    Association association() {
        return association;
    }

    int qid() {
        return qid;
    }

    /** Counts from now on for a subsystem. */
    void countFor(Counters<NvmeTcpCounter> others) {
        counters = others;
    }

    void count(NvmeTcpCounter counter, long amount) {
        counters.add(counter, amount);
    }

    /**
     * The queue is connected.
     *
     * @param queueEntries size of the submission queue
     * @param withFlowControl whether SQHD is told
     * @param trusted whether commands are taken at once, or only after authentication
     */
    void connected(Association to, int number, int queueEntries, boolean withFlowControl, boolean trusted) {
        association = to;
        qid = number;
        entries = queueEntries;
        flowControl = withFlowControl;
        sqHead = 0;
        admitted = trusted;
        capsuleData = number == 0 ? ADMIN_CAPSULE_DATA : IO_CAPSULE_DATA;
    }

    /** Authentication succeeded. */
    void admit() {
        admitted = true;
    }

    /** Ends {@link #connected} or {@link #admit}: the host may take the connection down, or prove itself, now. */
    void disconnected() {
        if (admitted) {
            admitted = false;
            waitingSince = loop().now();
        }
    }

    Portal portal() {
        return portal;
    }

    boolean admitted() {
        return admitted;
    }

    // Life on the loop ---------------------------------------------------------------------------------------------

    @Override
    protected int serve() {
        work = 0;
        serving = true;
        try {
            if (terminating || draining) {
                reader.discard();
            } else {
                started = 0;
                try {
                    data.startWaiting();
                    for (int i = 0; i < PduReader.RECEIVES && !terminating && reader.receive(); i++) {
                        reader.parse();
                    }
                    reader.settle();
                } finally {
                    endBatch();
                }
            }
            if (!closed()) {
                flush();
            }
        } finally {
            serving = false;
        }
        return work;
    }

    @Override
    protected boolean hasWork() {
        return (readReady() && !reader.starved()) || data.worthRetrying();
    }

    @Override
    protected void writable() {
        queue.unblock();
    }

    @Override
    protected void memoryReturned() {
        if (reader.starved() || data.waiting()) {
            reader.retry();
            data.retry();
            schedule();
        }
    }

    private void flush() {
        long sent = queue.isEmpty() ? 0 : queue.flush(socket(), loop().vectors());
        if (sent > 0) {
            progressed = true;
            data.share().moved(sent);
            work++;
        }
        if (queue.isEmpty()) {
            if (terminating && !outputShut) {
                outputShut = true;
                socket().shutdownOutput();
            }
            if (draining && executing == 0) {
                close();
            }
        }
    }

    @Override
    protected void tick(long now) {
        if (progressed) {
            progressed = false;
            lastProgress = now;
        }
        Association of = association;
        if (of != null && qid == 0 && !terminating) {
            of.tick(now);
        }
        if (closed()) {
            return;
        }
        if (terminating) {
            terminatingSince = terminatingSince == 0 ? now : terminatingSince;
            if (now - terminatingSince >= LINGER_NANOS) {
                close();
            }
        } else if (!admitted && now - waitingSince >= (of == null ? HANDSHAKE_NANOS : AUTHENTICATION_NANOS)) {
            timeout();
        } else if (data.share().hogs(now, unfinished(), reader.held())) {
            timeout();
        } else if (unfinished() && now - lastProgress >= STALL_NANOS) {
            timeout();
        }
    }

    /** Whether the peer owes us something: the rest of a PDU, data that it was asked for, or reading our answers. */
    private boolean unfinished() {
        return reader.withinPdu() || data.transfers().open() > 0 || !queue.isEmpty();
    }

    private void timeout() {
        count(NvmeTcpCounter.TIMEOUTS, 1);
        close();
    }

    /**
     * Closes the connection, soon; from any thread.
     *
     * @param report whether to tell the association when all is quiet
     */
    void closeSoon(boolean report) {
        loop().pollLoop().execute(() -> {
            if (report) {
                quietReports++;
                if (closed()) {
                    checkQuiet();
                }
            }
            close();
        });
    }

    /** Takes no more commands, answers those that are being carried out, then closes; from any thread. */
    void drainSoon(Runnable whenClosed) {
        loop().pollLoop().execute(() -> {
            if (closed()) {
                whenClosed.run();
                return;
            }
            drained = whenClosed;
            draining = true;
            dropUnstarted();
            schedule();
        });
    }

    @Override
    protected void onClosed() {
        queue.drop();
        dropUnstarted();
        reader.closed();
        fabrics.closed();
        Association of = association;
        if (of != null) {
            of.closed(qid, this);
        }
        afterClose.run();
        Runnable then = drained;
        drained = null;
        if (then != null) {
            then.run();
        }
        checkQuiet();
    }

    private void checkQuiet() {
        Association of = association;
        while (quietReports > 0 && executing == 0 && closed() && of != null) {
            quietReports--;
            of.quiet();
        }
    }

    /** Lets go of commands that the controller has not been given. */
    private void dropUnstarted() {
        reader.dropIncoming();
        data.dropUnstarted();
    }

    // For the reader -----------------------------------------------------------------------------------------------

    /** Whether there may be something to read. */
    boolean mayRead() {
        return readReady();
    }

    /** Nothing is left to read for now. */
    void nothingToRead() {
        drained();
    }

    /** So many bytes came from the host. */
    void received(long bytes) {
        progressed = true;
        data.share().moved(bytes);
        work++;
    }

    /** Whether the connection is about to end. */
    boolean terminating() {
        return terminating;
    }

    /** Ends the connection with these last words. */
    void terminate(Outgoing lastWords) {
        count(NvmeTcpCounter.FATAL_ERRORS, 1);
        terminating = true;
        dropUnstarted();
        send(lastWords);
    }

    /** Whether as many commands are under way as the queue has entries. */
    boolean full() {
        return inFlight == entries;
    }

    /** A command was taken from the queue. */
    void taken() {
        inFlight++;
        work++;
        count(NvmeTcpCounter.COMMANDS, 1);
    }

    /** Most data that a capsule may have. */
    int capsuleData() {
        return capsuleData;
    }

    // For the data of commands -------------------------------------------------------------------------------------

    /** Whether there is memory to receive what the host is about to be asked for. */
    boolean canHear() {
        return reader.reserve();
    }

    /** A command no longer uses what came in its capsule: there may be room again behind it. */
    void inputReleased() {
        if (reader.starved()) {
            reader.retry();
            wake();
        }
    }

    /** Queues a PDU, which leaves at the end of this pass. */
    void send(Outgoing pdu) {
        queue.add(pdu);
    }

    /** A piece of work was done. */
    void worked() {
        work++;
    }

    /** Has the connection served soon, unless it is right now. */
    void wake() {
        if (!serving) {
            schedule();
        }
    }

    // Commands -----------------------------------------------------------------------------------------------------

    /** Gives a command to whoever knows it. */
    void route(TcpCommand command) {
        if (command.opcode() == NvmeOpcode.FABRICS.code()) {
            fabrics.begin(command);
            return;
        }
        Association to = association;
        if (to == null || fabrics.left()) {
            command.end(NvmeStatus.dnr(NvmeStatus.COMMAND_SEQUENCE_ERROR), 0, 0);
        } else if (!admitted) {
            command.end(NvmeStatus.dnr(NvmeStatus.AUTHENTICATION_REQUIRED), 0, 0);
        } else if (to.begin(command, qid)) {
            data.provide(command);
        }
    }

    /** Has a command carried out whose data is provided. */
    void execute(TcpCommand command) {
        command.phase = TcpCommand.Phase.EXECUTING;
        executing++;
        if (command.begun) {
            Association of = Objects.requireNonNull(association);
            // The first of a pass starts at once, the others as a batch.
            if (serving && ++started == 2) {
                batch = of;
                of.beginBatch();
            }
            of.execute(command);
        } else {
            fabrics.execute(command);
        }
    }

    private void endBatch() {
        Association of = batch;
        if (of != null) {
            batch = null;
            of.endBatch();
        }
    }

    /** Ends a command before it was carried out. */
    void refuse(TcpCommand command, int status) {
        command.phase = TcpCommand.Phase.HELD;
        if (command.begun) {
            Objects.requireNonNull(association).refuse(command, status);
        } else {
            command.end(status, 0, 0);
        }
    }

    /** A command has ended. */
    void completed(TcpCommand command) {
        if (command.phase == TcpCommand.Phase.EXECUTING) {
            executing--;
        }
        if (closed() || terminating) {
            release(command);
            checkQuiet();
            return;
        }
        command.phase = TcpCommand.Phase.ANSWERING;
        work++;
        answer(command);
        wake();
    }

    private void answer(TcpCommand command) {
        int head = 0;
        if (flowControl) {
            sqHead = sqHead + 1 == entries ? 0 : sqHead + 1;
            head = sqHead;
        } else if (fabrics.isConnect(command)) {
            head = 0xFFFF;
        }
        boolean good = command.resultStatus == NvmeStatus.SUCCESS;
        if (!good) {
            count(NvmeTcpCounter.ERRORS, 1);
        }
        // Without flow control of the submission queue the response may be implied (section 3.3.2.1).
        boolean implied = !flowControl && command.resultDw0 == 0 && command.resultDw1 == 0;
        NetBuffer buffer = command.buffer;
        if (command.borrowed()) {
            count(NvmeTcpCounter.BYTES_TO_HOSTS, command.bytes);
            writer.answerBorrowed(command, head, implied);
        } else if (good && buffer != null && command.direction == Transfer.TO_HOST) {
            count(NvmeTcpCounter.BYTES_TO_HOSTS, command.bytes);
            writer.answer(command, head, implied, buffer);
        } else {
            data.release(command);
            writer.answer(command, head);
        }
        queue.add(command.answer);
    }

    /** Brings about {@link TcpCommand#bytes} of data, then has the command carried out. */
    void provideData(TcpCommand command) {
        data.provide(command);
    }

    /** The answer is with the kernel, or never will be. */
    void answered(TcpCommand command) {
        release(command);
    }

    /** The command's life is over. */
    void release(TcpCommand command) {
        data.release(command);
        inFlight--;
        if (command.borrowed()) {
            command.endLoan();
        }
        command.data().clear();
        command.forget();
        resources.giveBack(command);
    }
}
