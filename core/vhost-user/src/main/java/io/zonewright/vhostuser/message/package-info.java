/**
 * The bytes of vhost-user, as QEMU's docs/interop/vhost-user.rst lays them out: who may send what, how long it is, how
 * many descriptors it carries. Numbers are in the machine's own byte order.
 */
@NullMarked
package io.zonewright.vhostuser.message;

import org.jspecify.annotations.NullMarked;
