/**
 * Front-end {@code type: nvme-zns, transport: tcp}: an NVMe/TCP target. {@link
 * io.zonewright.frontend.nvme.tcp.NvmeTcpConnection} carries capsules and data (NVM Express TCP Transport 1.1), {@code
 * FabricsCommands} connects queues to controllers (Base 2.1, Fabrics), a {@code Portal} is one listening address with its
 * subsystems and discovery controller. Commands themselves are carried out by {@code nvme.command}.
 */
@NullMarked
package io.zonewright.frontend.nvme.tcp;

import org.jspecify.annotations.NullMarked;
