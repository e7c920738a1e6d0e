using System.Globalization;
using System.Text;

namespace Octant.Chat.Jinja.Python;

/// <summary>strftime in the C locale, with glibc's flags (%-d: without the zero; %_d: with a space; %^a: in capitals).</summary>
static class TimeFormat
{
    public static string Apply(string format, DateTime time, Budget budget)
    {
        budget.Allocate(format.Length);
        var result = new StringBuilder();
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%' || at + 1 == format.Length)
            {
                result.Append(format[at]);
                continue;
            }
            var start = at++;
            var flag = format[at] is '-' or '_' or '^' or '0' && at + 1 < format.Length ? format[at++] : '\0';
            result.Append(Field(format[at], flag, time) ?? format[start..(at + 1)]);
        }
        return result.ToString();
    }

    static string? Field(char letter, char flag, DateTime t)
    {
        string Number(int value, int width, char pad = '0') => flag switch
        {
            '-' => value.ToString(CultureInfo.InvariantCulture),
            _ => value.ToString(CultureInfo.InvariantCulture).PadLeft(width, flag switch { '_' => ' ', '0' => '0', _ => pad }),
        };
        string Text(string form)
        {
            var text = t.ToString(form, CultureInfo.InvariantCulture);
            return flag == '^' ? text.ToUpperInvariant() : text;
        }
        var hour = t.Hour % 12 == 0 ? 12 : t.Hour % 12;
        var monday = ((int)t.DayOfWeek + 6) % 7;
        return letter switch
        {
            'a' => Text("ddd"),
            'A' => Text("dddd"),
            'b' or 'h' => Text("MMM"),
            'B' => Text("MMMM"),
            'c' => $"{t.ToString("ddd MMM", CultureInfo.InvariantCulture)} {t.Day,2} {t.ToString("HH:mm:ss yyyy", CultureInfo.InvariantCulture)}",
            'C' => Number(t.Year / 100, 2),
            'd' => Number(t.Day, 2),
            'D' or 'x' => t.ToString("MM'/'dd'/'yy", CultureInfo.InvariantCulture),
            'e' => Number(t.Day, 2, ' '),
            'f' => (t.Ticks % TimeSpan.TicksPerSecond / 10).ToString("000000", CultureInfo.InvariantCulture),
            'F' => t.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            'G' => Number(ISOWeek.GetYear(t), 4),
            'g' => Number(ISOWeek.GetYear(t) % 100, 2),
            'H' => Number(t.Hour, 2),
            'I' => Number(hour, 2),
            'j' => Number(t.DayOfYear, 3),
            'k' => Number(t.Hour, 2, ' '),
            'l' => Number(hour, 2, ' '),
            'm' => Number(t.Month, 2),
            'M' => Number(t.Minute, 2),
            'n' => "\n",
            'p' => t.Hour < 12 ? "AM" : "PM",
            'P' => t.Hour < 12 ? "am" : "pm",
            'r' => $"{hour:00}{t.ToString("':'mm':'ss", CultureInfo.InvariantCulture)} {(t.Hour < 12 ? "AM" : "PM")}",
            'R' => t.ToString("HH':'mm", CultureInfo.InvariantCulture),
            's' => new DateTimeOffset(t, TimeSpan.Zero).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            'S' => Number(t.Second, 2),
            't' => "\t",
            'T' or 'X' => t.ToString("HH':'mm':'ss", CultureInfo.InvariantCulture),
            'u' => Number(monday + 1, 1),
            'U' => Number((t.DayOfYear + 6 - (int)t.DayOfWeek) / 7, 2),
            'V' => Number(ISOWeek.GetWeekOfYear(t), 2),
            'w' => Number((int)t.DayOfWeek, 1),
            'W' => Number((t.DayOfYear + 6 - monday) / 7, 2),
            'y' => Number(t.Year % 100, 2),
            'Y' => Number(t.Year, 1),
            // A time without a zone, as the reference's clock gives it.
            'z' or 'Z' => "",
            '%' => "%",
            _ => null,
        };
    }
}
