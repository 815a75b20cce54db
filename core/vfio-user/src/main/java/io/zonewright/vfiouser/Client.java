package io.zonewright.vfiouser;

import io.zonewright.posix.Errno;
import io.zonewright.posix.EventFd;
import io.zonewright.posix.Fd;
import io.zonewright.posix.Posix;
import io.zonewright.posix.UnixConnection;
import io.zonewright.runtime.memory.GuestMemory;
import io.zonewright.runtime.peer.PeerDescriptors;
import io.zonewright.runtime.peer.PeerException;
import io.zonewright.runtime.peer.PeerLog;
import io.zonewright.runtime.peer.PeerServer;
import io.zonewright.runtime.peer.PeerService;
import io.zonewright.vfiouser.config.ConfigListener;
import io.zonewright.vfiouser.config.ConfigSpace;
import io.zonewright.vfiouser.interrupt.Interrupts;
import io.zonewright.vfiouser.memory.DmaMap;
import io.zonewright.vfiouser.memory.DmaRange;
import io.zonewright.vfiouser.message.Command;
import io.zonewright.vfiouser.message.DeviceFeature;
import io.zonewright.vfiouser.message.DeviceInfo;
import io.zonewright.vfiouser.message.DmaMapMessage;
import io.zonewright.vfiouser.message.DmaUnmapMessage;
import io.zonewright.vfiouser.message.IrqInfo;
import io.zonewright.vfiouser.message.IrqSet;
import io.zonewright.vfiouser.message.MessageHeader;
import io.zonewright.vfiouser.message.MultiWrite;
import io.zonewright.vfiouser.message.RegionAccess;
import io.zonewright.vfiouser.message.RegionIndex;
import io.zonewright.vfiouser.message.RegionInfo;
import io.zonewright.vfiouser.message.RequestException;
import io.zonewright.vfiouser.message.VersionMessage;
import java.io.EOFException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: what it negotiated, shared and set up. Each message is carried out as a whole before the next
 * is read; one that fails by a fault of ours is answered with EIO. For the control thread, except what {@link PciHost} lets any thread do.
 *
 * <p>A client that has gone leaves nothing behind: the device is reset, so that the next client finds it as after power-on.
 */
final class Client implements PeerService.Visit, PciHost, ConfigListener {
    private static final Logger LOG = LoggerFactory.getLogger(Client.class);

    /** Memory without a descriptor that a guest may well not miss: firmware and option ROMs are smaller. */
    private static final long LARGE = 16L << 20;

    private final Posix posix;
    private final PciDevice device;
    private final PciFunction function;
    private final MessageChannel channel;
    private final PeerServer server;
    private final Duration drainReport;
    private final PeerLog log;
    private final Health health;
    private final Interrupts interrupts;
    private final ConfigSpace config;
    private final SharedBars shared;
    private final BarAccess bars;

    private boolean negotiated;
    private int maxDescriptors;
    private final DmaMap dma;

    /** What the device may use: all of {@link #dma} or nothing. */
    private volatile GuestMemory visible = GuestMemory.EMPTY;

    /** The device was told to use other memory, and has not said that it does. */
    private boolean moving;

    /** Requests were given up that may still write into the memory: it must stay mapped for ever. */
    private boolean pinned;

    Client(
            Posix posix,
            PciDevice device,
            MessageChannel channel,
            PeerServer server,
            Duration drainReport,
            PeerLog log,
            Health health) {
        this.posix = posix;
        this.device = device;
        this.channel = channel;
        this.server = server;
        this.drainReport = drainReport;
        this.log = log;
        this.health = health;
        function = device.function();
        dma = new DmaMap(posix, device.looksAtReadOnlyMemory());
        interrupts = new Interrupts(function.vectors(), function.pin());
        config = new ConfigSpace(function, this);
        shared = new SharedBars(posix, function);
        bars = new BarAccess(device, function, interrupts, shared);
        device.attached(this);
    }

    // --- the visit ---------------------------------------------------------------------------------------------------

    @Override
    public UnixConnection connection() {
        return channel.connection();
    }

    @Override
    public void giveUp() {
        channel.giveUp();
    }

    @Override
    public boolean serve() throws PeerException, EOFException {
        if (!channel.receive()) {
            return false;
        }
        if (!dma.isBacked()) {
            health.breakDown("the client made its memory file shorter");
            throw new PeerException("the client made its memory file shorter");
        }
        MessageHeader header = channel.header();
        try {
            Command command = Command.of(
                    header.command(),
                    header.payloadBytes(),
                    channel.descriptors().size());
            if (negotiated == (command == Command.VERSION)) {
                throw RequestException.invalid(
                        negotiated ? "VERSION comes a second time" : command + " comes before VERSION");
            }
            carryOutOrSayWhy(command, header.payloadBytes());
        } catch (RequestException e) {
            log.warn("refused: " + e.getMessage());
            channel.fail(e.errno());
            if (!negotiated) {
                throw new PeerException("no version was agreed upon");
            }
        }
        return true;
    }

    /**
     * A fault of ours costs the client this one message, not its device: hypervisors take an error for an answer, and
     * many do not take the end of the connection. Unless it leaves open what memory the device uses, or the stream is no
     * longer in order: then it is passed on, and the connection ends.
     */
    private void carryOutOrSayWhy(Command command, int payloadBytes) throws RequestException {
        try {
            carryOut(command, payloadBytes);
        } catch (RuntimeException e) {
            boolean memory = command == Command.DMA_MAP || command == Command.DMA_UNMAP || moving;
            if (memory || command == Command.VERSION || channel.answered()) {
                throw e;
            }
            log.error(command + " could not be carried out", e);
            channel.fail(Errno.EIO.number());
        }
    }

    private void carryOut(Command command, int payloadBytes) throws RequestException {
        ByteBuffer payload = channel.payload();
        switch (command) {
            case VERSION -> negotiate(VersionMessage.read(payload, payloadBytes));
            case DMA_MAP -> map(DmaMapMessage.read(payload));
            case DMA_UNMAP -> unmap(DmaUnmapMessage.read(payload));
            case DEVICE_GET_INFO -> {
                DeviceInfo.check(payload);
                channel.reply(DeviceInfo.write(channel.answer()));
            }
            case DEVICE_GET_REGION_INFO -> regionInfo(RegionInfo.read(payload));
            case DEVICE_GET_IRQ_INFO -> {
                int index = IrqInfo.read(payload);
                channel.reply(IrqInfo.write(channel.answer(), index, interrupts.count(index)));
            }
            case DEVICE_SET_IRQS ->
                setIrqs(IrqSet.read(payload, payloadBytes, channel.descriptors().size(), interrupts::count));
            case REGION_READ -> read(RegionAccess.read(payload));
            case REGION_WRITE -> {
                RegionAccess access = RegionAccess.write(payload, payloadBytes);
                write(access, payload, RegionAccess.HEADER_SIZE);
                channel.reply(access.writeReply(channel.answer()));
            }
            case REGION_WRITE_MULTI -> writeMulti(payload, payloadBytes);
            case DEVICE_RESET -> {
                resetFunction();
                channel.reply(0);
            }
            case DEVICE_FEATURE -> throw DeviceFeature.refusal(payload);
            case DMA_READ, DMA_WRITE -> throw RequestException.invalid(command + " is a server's command");
            case DEVICE_GET_REGION_IO_FDS, DIRTY_PAGES, MIG_DATA_READ, MIG_DATA_WRITE ->
                throw RequestException.notSupported(command + " is not offered");
        }
    }

    private void negotiate(VersionMessage version) {
        maxDescriptors = version.maxDescriptors();
        negotiated = true;
        channel.reply(version.writeReply(channel.answer()));
    }

    /** The client has gone, or is told to: the device comes to rest, and all that was shared is let go of. */
    @Override
    public void close() {
        visible = GuestMemory.EMPTY;
        Rest rest = new Rest(server);
        device.detached(rest);
        await(rest);
        interrupts.close();
        if (!pinned) {
            dma.release(dma.unmapAll());
            shared.close();
        }
        health.recover();
        channel.close();
    }

    // --- memory ------------------------------------------------------------------------------------------------------

    private void map(DmaMapMessage message) throws RequestException {
        Fd fd = channel.descriptors().size() == 0 ? null : channel.descriptors().take(0);
        dma.map(message, fd);
        if (fd == null && message.size() >= LARGE) {
            log.warn(message.size() + " bytes of memory come without a descriptor and cannot be reached: the hypervisor"
                    + " must back its guest's memory with a shared file or memfd");
        }
        show(true);
        channel.reply(0);
    }

    private void unmap(DmaUnmapMessage message) throws RequestException {
        List<DmaRange> gone = message.all() ? dma.unmapAll() : dma.unmap(message.first(), message.last());
        show(false);
        if (!pinned) {
            dma.release(gone);
        }
        channel.reply(DmaUnmapMessage.writeReply(channel.answer(), channel.payload(), DmaMap.bytes(gone)));
    }

    /**
     * Moves the device to other memory, if that makes a difference to it.
     *
     * @param grown whether all that it uses now stays
     */
    private void show(boolean grown) {
        GuestMemory next = config.busMaster() ? dma.memory() : GuestMemory.EMPTY;
        if (next != visible) {
            moving = true;
            visible = next;
            Rest rest = new Rest(server);
            if (grown) {
                device.memoryAdded(next, rest);
            } else {
                device.memoryChanged(next, rest);
            }
            await(rest);
            moving = false;
        }
    }

    private void await(Rest rest) {
        if (!rest.await(device.name(), drainReport, LOG) && !pinned) {
            pinned = true;
            LOG.error("{}: keeps {} bytes of its client's memory mapped for lost requests", device.name(), dma.bytes());
        }
    }

    // --- regions -----------------------------------------------------------------------------------------------------

    private void regionInfo(RegionInfo request) {
        PciBar bar = function.bar(request.index());
        List<PciBar.MappedArea> areas = bar == null || maxDescriptors == 0 ? List.of() : bar.mapped();
        int size = request.write(channel.answer(), regionSize(request.index()), areas);
        if (!areas.isEmpty() && request.roomFor(areas)) {
            channel.reply(size, shared.file(request.index()));
        } else {
            channel.reply(size);
        }
    }

    private long regionSize(int index) {
        PciBar bar = function.bar(index);
        if (bar != null) {
            return bar.size();
        }
        return index == RegionIndex.CONFIG ? ConfigSpace.SIZE : 0;
    }

    private void read(RegionAccess access) throws RequestException {
        PciBar bar = require(access);
        ByteBuffer answer = channel.answer();
        int head = access.writeReply(answer);
        ByteBuffer data = answer.slice(head, access.count());
        if (bar == null) {
            config.showPin(interrupts.pinAsserted());
            config.read((int) access.offset(), data);
        } else {
            bars.read(bar, access.offset(), data);
        }
        channel.reply(head + access.count());
    }

    private void write(RegionAccess access, ByteBuffer payload, int dataOffset) throws RequestException {
        PciBar bar = require(access);
        ByteBuffer data = payload.slice(dataOffset, access.count());
        if (bar == null) {
            config.write((int) access.offset(), data);
        } else {
            bars.write(bar, access.offset(), data);
        }
    }

    private void writeMulti(ByteBuffer payload, int payloadBytes) throws RequestException {
        int count = MultiWrite.count(payload, payloadBytes);
        for (int i = 0; i < count; i++) {
            write(MultiWrite.write(payload, i), payload, MultiWrite.dataOffset(i));
        }
        channel.answer().putLong(0, count);
        channel.reply(Long.BYTES);
    }

    /** The BAR that is accessed, null for configuration space. */
    private @Nullable PciBar require(RegionAccess access) throws RequestException {
        if (!access.inside(regionSize(access.region()))) {
            throw RequestException.invalid("an access of " + access.count() + " bytes at 0x"
                    + Long.toHexString(access.offset()) + " is not inside of region " + access.region());
        }
        PciBar bar = function.bar(access.region());
        if (bar != null && !config.memoryEnabled()) {
            throw new RequestException(Errno.EIO, "BAR " + bar.index() + " is not decoded");
        }
        if (bar == null && access.region() != RegionIndex.CONFIG) {
            throw RequestException.invalid("there is no region " + access.region());
        }
        return bar;
    }

    // --- interrupts --------------------------------------------------------------------------------------------------

    private void setIrqs(IrqSet set) throws RequestException {
        List<EventFd> taken = new ArrayList<>();
        try {
            for (int i = 0; i < channel.descriptors().size(); i++) {
                taken.add(PeerDescriptors.eventFd(posix, channel.descriptors().take(i)));
            }
        } catch (PeerException e) {
            taken.forEach(EventFd::close);
            throw RequestException.invalid(String.valueOf(e.getMessage()));
        }
        interrupts.set(set, taken);
        channel.reply(0);
    }

    // --- configuration space -----------------------------------------------------------------------------------------

    @Override
    public void busMasterChanged(boolean enabled) {
        show(enabled);
    }

    @Override
    public void pinDisabledChanged(boolean disabled) {
        interrupts.setPinDisabled(disabled);
    }

    @Override
    public void msixChanged(boolean enabled, boolean masked) {
        interrupts.setMsix(enabled, masked);
    }

    @Override
    public void functionReset() {
        resetFunction();
    }

    private void resetFunction() {
        Rest rest = new Rest(server);
        device.reset(rest);
        await(rest);
        interrupts.reset();
        config.reset();
        health.recover();
    }

    // --- the host of the device --------------------------------------------------------------------------------------

    @Override
    public void interrupt(int vector) {
        interrupts.raise(vector);
    }

    @Override
    public void setPin(boolean asserted) {
        interrupts.setPin(asserted);
    }

    @Override
    public boolean msixEnabled() {
        return interrupts.msixEnabled();
    }

    @Override
    public GuestMemory memory() {
        return visible;
    }

    @Override
    public MemorySegment shared(int bar) {
        return shared.memory(bar);
    }

    @Override
    public void broken(String reason) {
        health.breakDown(reason);
        log.warn(reason + ": the device is stopped until the driver resets it");
    }

    @Override
    public boolean await(BooleanSupplier done, BooleanSupplier hopeless, Supplier<String> waitedFor) {
        return server.await(
                done, hopeless, drainReport, () -> LOG.warn("{}: still waits for {}", device.name(), waitedFor.get()));
    }

    @Override
    public void wake() {
        server.wake();
    }

    @Override
    public Posix posix() {
        return posix;
    }
}
