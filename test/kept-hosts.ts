import { startHost as start } from '../src/runtime/host.node.ts';
import type { Channel, ChannelEvents, HostKind } from '../src/runtime/host.ts';

// In the place of `#host`: processes that have done their work are kept for the next command of the same process. To
// start one costs a second, and tests of many commands would spend most of their time there. What they keep of models
// is by their path: files must not change between the commands.

export { defaultHosts } from '../src/runtime/host.node.ts';

interface Kept {
  readonly channel: Channel;
  /** Of whoever has it now. */
  events: ChannelEvents;
  /** Jobs that have not ended. */
  working: number;
  /** Whether it may serve another: one that was stopped or has died may not. */
  sound: boolean;
}

const idle: Kept[] = [];

export function startHost(kind: HostKind, events: ChannelEvents): Channel {
  if (kind !== 'process') return start(kind, events);
  const host = idle.pop() ?? fresh(events);
  host.events = events;
  return {
    killable: true,
    send(message) {
      if (message.type === 'run') host.working += 1;
      else host.sound = false;
      host.channel.send(message);
    },
    hold: (busy) => host.channel.hold(busy),
    async end() {
      if (!host.sound || host.working > 0) return host.channel.end();
      host.channel.hold(false);
      idle.push(host);
    },
  };
}

function fresh(events: ChannelEvents): Kept {
  const channel = start('process', {
    onMessage(message) {
      if (message.type === 'done' || message.type === 'failed') host.working -= 1;
      host.events.onMessage(message);
    },
    onEnd(how) {
      host.sound = false;
      host.events.onEnd(how);
    },
  });
  const host: Kept = { channel, events, working: 0, sound: true };
  return host;
}
