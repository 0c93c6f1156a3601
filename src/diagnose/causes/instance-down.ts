import type { Cause } from './cause.ts'
import { observed, triggerOf } from './cause.ts'

export const instanceDown: Cause = {
  id: 'instance-down',
  title: 'The program itself is gone',
  symptoms: [
    'The process ended; requests are refused',
    'Neither memory nor disk nor configuration explains it',
    'It was ended from outside, or by an error outside of a request',
  ],
  investigation: [
    {
      what: 'How did it end?',
      command: 'systemctl status UNIT; journalctl -u UNIT -n 100; kubectl describe pod POD',
    },
    { what: 'Its last words', command: 'kubectl logs POD --previous --tail=50' },
    {
      what: 'Was it ended by somebody or something: deploy, autoscaler, spot instance, reboot?',
      command: 'last -x | head; dmesg -T | tail -50',
    },
  ],
  immediateFix: ['Start it again', 'Take the instance out of the load balancer until it answers'],
  permanentFix: [
    'A supervisor that restarts it (systemd Restart=, a Deployment), with growing pauses',
    'At least two instances behind the load balancer',
  ],
  verify: ['The instance answers its readiness probe', 'No restart for an hour'],
  prevention: [
    'An alert on restarts and on the number of healthy instances',
    'Handle errors outside of requests (unhandled rejections, background threads)',
    'An exercise that ends one instance under load',
  ],
  chain: (context) => [
    triggerOf(context, 'the process was ended, or ended itself'),
    'the process',
    observed(context, 'process-killed', 'process-exited') ?? 'nothing is there to answer',
    context.impact,
  ],
  summary: (context) =>
    `The program is gone. ${observed(context, 'process-killed', 'process-exited') ?? context.impact}.`,
}
