import { format } from '#money'

export function orderMail({ orderId, accountId, totals }) {
  return {
    to: accountId === null ? 'guest' : `account-${accountId}`,
    subject: `Your order ${orderId}`,
    text: `Thank you for your order. ${totals.lines.length} line(s), in all ${format(totals.total)}.`,
  }
}
