package io.zonewright.testkit.blk;

import io.zonewright.posix.Posix;
import io.zonewright.testkit.vhostuser.DeviceRefusedException;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * virtio-blk drivers behind vhost-user for scripts: reads a command a line, answers with any number of lines and then one
 * that begins with {@code "= "}. SECTOR and COUNT are in sectors of 512 bytes; SEED is a number that data are made of,
 * together with the place where they lie.
 *
 * <pre>
 * attach NAME SOCKET              a driver of that name: = OK
 * detach NAME                     hangs up: = OK
 * report NAME [SECTOR [FILE]]     zones from there on in the words of blkzone, into a file if one is named: = COUNT
 * write NAME SECTOR COUNT SEED    one request: = STATUS
 * append NAME SECTOR COUNT SEED   one request, and a read of its place: = STATUS PLACE or = DIFFERENT PLACE
 * read NAME SECTOR COUNT          one request: = STATUS
 * stream NAME SECTOR COUNT SEED   ascending writes of 64 KiB, eight at a time: = STATUS COUNT of what was acknowledged
 * check NAME SECTOR COUNT SEED    reads: = OK, = STATUS SECTOR or = DIFFERENT SECTOR
 * flush|reset-all NAME, open|close|finish|reset NAME SECTOR: = STATUS
 * </pre>
 *
 * STATUS is OK, IOERR, UNSUPP, ZONE_INVALID_CMD, ZONE_UNALIGNED_WP, ZONE_OPEN_RESOURCE or ZONE_ACTIVE_RESOURCE, or GONE if
 * the device hung up.
 */
public final class BlkShell implements AutoCloseable {
    private static final int PIECE_SECTORS = 128;
    private static final int DEPTH = 8;
    private static final int ZONES_AT_A_TIME = 4096;
    /** An emulated machine with a device that times out takes long. */
    private static final int PATIENCE_MILLIS = 120_000;

    private final Posix posix;
    private final Map<String, VirtioBlkDriver> drivers = new HashMap<>();
    private final PrintStream out;

    /** A shell that answers there. */
    public BlkShell(Posix posix, PrintStream out) {
        this.posix = posix;
        this.out = out;
    }

    /** Serves standard input until its end. */
    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        try (BlkShell shell = new BlkShell(Posix.system(), out);
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                shell.execute(line);
            }
        }
    }

    /** Runs one command and answers it. */
    public void execute(String line) {
        String answer;
        try {
            answer = run(List.of(line.trim().split(" +")));
        } catch (DeviceRefusedException e) {
            answer = "GONE " + e.getMessage();
        } catch (RuntimeException e) {
            answer = "FAILED " + e;
        }
        out.println("= " + answer);
        out.flush();
    }

    private String run(List<String> words) {
        if (words.size() < 2) {
            throw new IllegalArgumentException("a command and a name are wanted");
        }
        String command = words.get(0);
        String name = words.get(1);
        if (command.equals("attach")) {
            drivers.put(name, VirtioBlkDriver.connect(posix, Path.of(words.get(2)), DriverOptions.DEFAULT));
            return "OK";
        }
        if (command.equals("detach")) {
            VirtioBlkDriver leaving = drivers.remove(name);
            if (leaving != null) {
                leaving.close();
            }
            return "OK";
        }
        VirtioBlkDriver driver = drivers.get(name);
        if (driver == null) {
            throw new IllegalArgumentException("no driver is called " + name);
        }
        long sector = words.size() > 2 ? Long.parseLong(words.get(2)) : 0;
        long count = words.size() > 3 && !command.equals("report") ? Long.parseLong(words.get(3)) : 0;
        long seed = words.size() > 4 ? Long.parseLong(words.get(4)) : 0;
        return switch (command) {
            case "report" ->
                words.size() > 3 ? reportTo(Path.of(words.get(3)), driver, sector) : report(driver, sector, out);
            case "write" -> status(run(driver, BlkRequest.write(sector, SectorPattern.of(seed, sector, (int) count))));
            case "append" -> append(driver, sector, (int) count, seed);
            case "read" -> status(run(driver, BlkRequest.read(sector, (int) count * VirtioBlk.SECTOR)));
            case "stream" -> stream(driver, sector, count, seed);
            case "check" -> check(driver, sector, count, seed);
            case "flush" -> status(run(driver, BlkRequest.flush()));
            case "open" -> status(run(driver, BlkRequest.open(sector)));
            case "close" -> status(run(driver, BlkRequest.close(sector)));
            case "finish" -> status(run(driver, BlkRequest.finish(sector)));
            case "reset" -> status(run(driver, BlkRequest.reset(sector)));
            case "reset-all" -> status(run(driver, BlkRequest.resetAll()));
            default -> throw new IllegalArgumentException("no such command: " + command);
        };
    }

    /** A script reads a pipe byte by byte, which takes it minutes for many zones. */
    private static String reportTo(Path file, VirtioBlkDriver driver, long from) {
        try (PrintStream lines =
                new PrintStream(new BufferedOutputStream(Files.newOutputStream(file)), false, StandardCharsets.UTF_8)) {
            return report(driver, from, lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String report(VirtioBlkDriver driver, long from, PrintStream lines) {
        BlkConfig config = driver.config();
        long sector = from;
        int zones = 0;
        while (sector < config.capacity()) {
            BlkResult result = run(driver, BlkRequest.report(sector, ZONES_AT_A_TIME));
            if (result.status() != VirtioBlk.S_OK) {
                return status(result);
            }
            List<ZoneReport.Zone> found = result.report().zones();
            if (found.isEmpty()) {
                return "FAILED no zones from sector " + sector + " on";
            }
            for (ZoneReport.Zone zone : found) {
                long length = Math.min(config.zoneSectors(), config.capacity() - zone.start());
                lines.println(ZoneText.line(zone, length));
                sector = zone.start() + length;
                zones++;
            }
        }
        return Integer.toString(zones);
    }

    private static String append(VirtioBlkDriver driver, long sector, int count, long seed) {
        byte[] data = SectorPattern.of(seed, sector, count);
        BlkResult result = run(driver, BlkRequest.linuxAppend(sector, data));
        if (result.status() != VirtioBlk.S_OK) {
            return status(result);
        }
        long place = result.appendSector();
        BlkResult back = run(driver, BlkRequest.read(place, data.length));
        return Arrays.equals(data, back.in()) ? "OK " + place : "DIFFERENT " + place;
    }

    private String stream(VirtioBlkDriver driver, long sector, long count, long seed) {
        long done = 0;
        while (done < count) {
            List<BlkQueue.Flight> flights = new ArrayList<>();
            for (long at = done; at < count && flights.size() < DEPTH; at += PIECE_SECTORS) {
                int piece = (int) Math.min(PIECE_SECTORS, count - at);
                flights.add(driver.queue(0)
                        .stage(
                                BlkRequest.write(sector + at, SectorPattern.of(seed, sector + at, piece)),
                                BlkLayout.PLAIN));
            }
            driver.queue(0).submit();
            for (BlkQueue.Flight flight : flights) {
                BlkResult result;
                try {
                    result = await(driver, flight);
                } catch (DeviceRefusedException e) {
                    return "GONE " + done;
                }
                if (result.status() != VirtioBlk.S_OK) {
                    // What was sent behind it must end too, before the ring can be used again.
                    flights.forEach(other -> await(driver, other));
                    return status(result) + " " + done;
                }
                done += flight.request().out().length / VirtioBlk.SECTOR;
            }
        }
        return "OK " + done;
    }

    private String check(VirtioBlkDriver driver, long sector, long count, long seed) {
        for (long at = 0; at < count; at += PIECE_SECTORS) {
            int piece = (int) Math.min(PIECE_SECTORS, count - at);
            BlkResult result = run(driver, BlkRequest.read(sector + at, piece * VirtioBlk.SECTOR));
            if (result.status() != VirtioBlk.S_OK) {
                return status(result) + " " + (sector + at);
            }
            int different = Arrays.mismatch(result.in(), SectorPattern.of(seed, sector + at, piece));
            if (different >= 0) {
                return "DIFFERENT " + (sector + at + different / VirtioBlk.SECTOR);
            }
        }
        return "OK";
    }

    private static BlkResult run(VirtioBlkDriver driver, BlkRequest request) {
        return await(driver, driver.submit(request, BlkLayout.PLAIN));
    }

    private static BlkResult await(VirtioBlkDriver driver, BlkQueue.Flight flight) {
        if (!driver.awaitCompletion(0, flight, PATIENCE_MILLIS)) {
            throw new IllegalStateException("no completion within " + PATIENCE_MILLIS + " ms: " + flight.request());
        }
        BlkResult result = flight.result();
        if (result == null) {
            throw new IllegalStateException("completed without a result: " + flight.request());
        }
        return result;
    }

    private static String status(BlkResult result) {
        return switch (result.status()) {
            case VirtioBlk.S_OK -> "OK";
            case VirtioBlk.S_IOERR -> "IOERR";
            case VirtioBlk.S_UNSUPP -> "UNSUPP";
            case VirtioBlk.S_ZONE_INVALID_CMD -> "ZONE_INVALID_CMD";
            case VirtioBlk.S_ZONE_UNALIGNED_WP -> "ZONE_UNALIGNED_WP";
            case VirtioBlk.S_ZONE_OPEN_RESOURCE -> "ZONE_OPEN_RESOURCE";
            case VirtioBlk.S_ZONE_ACTIVE_RESOURCE -> "ZONE_ACTIVE_RESOURCE";
            default -> "STATUS " + result.status();
        };
    }

    /** Hangs up everywhere. */
    @Override
    public void close() {
        drivers.values().forEach(VirtioBlkDriver::close);
        drivers.clear();
    }
}
