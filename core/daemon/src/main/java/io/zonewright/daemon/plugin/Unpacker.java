package io.zonewright.daemon.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Unpacks plugin zips into a private temporary directory, bounded, and removes it in the end. */
final class Unpacker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Unpacker.class);
    private static final int MAX_ENTRIES = 20_000;
    private static final long MAX_BYTES = 1L << 30;

    private @Nullable Path directory;
    private int count;

    /** Unpacks {@code zip} and returns the new directory. */
    Path unpack(Path zip) throws PluginFaultException {
        try (ZipFile archive = new ZipFile(zip.toFile())) {
            if (directory == null) {
                directory = Files.createTempDirectory("zonewright-plugins-");
            }
            Path target = Files.createDirectory(directory.resolve(Integer.toString(count++)));
            if (archive.size() > MAX_ENTRIES) {
                throw new PluginFaultException("holds " + archive.size() + " files, the most is " + MAX_ENTRIES);
            }
            long left = MAX_BYTES;
            List<? extends ZipEntry> entries = Collections.list(archive.entries());
            for (ZipEntry entry : entries) {
                left -= unpack(archive, entry, target, left);
            }
            return target;
        } catch (ZipException e) {
            throw new PluginFaultException("is not a zip: " + e.getMessage() + "; build it again, or remove it", e);
        } catch (IOException e) {
            throw new PluginFaultException("cannot be unpacked: " + e.getMessage(), e);
        }
    }

    private static long unpack(ZipFile archive, ZipEntry entry, Path target, long limit)
            throws IOException, PluginFaultException {
        Path file = target.resolve(entry.getName()).normalize();
        if (!file.startsWith(target) || file.equals(target)) {
            throw new PluginFaultException("names a file outside itself: " + entry.getName() + "; do not trust it");
        }
        if (entry.isDirectory()) {
            Files.createDirectories(file);
            return 0;
        }
        Files.createDirectories(file.getParent());
        long written = 0;
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = archive.getInputStream(entry);
                OutputStream out = Files.newOutputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                written += n;
                if (written > limit) {
                    throw new PluginFaultException("unpacks to more than 1 GiB; do not trust it");
                }
                out.write(buffer, 0, n);
            }
        }
        return written;
    }

    @Override
    public void close() {
        Path root = directory;
        if (root == null) {
            return;
        }
        directory = null;
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException failure) throws IOException {
                    Files.delete(dir);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            LOG.warn("{} could not be removed: {}", root, e.getMessage());
        }
    }
}
