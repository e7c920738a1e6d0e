using CsCheck;
using Octant.Training.Monitoring;

namespace Octant.Training.Tests.Monitoring;

public sealed class TerminalCurveTests
{
    [Fact]
    public void A_falling_line_is_drawn_dot_by_dot()
    {
        // Eight cells are 16 dots across, three are 12 down: the dot of column x is in row 11 x / 15.
        Measurement[] run = [new(1, 3, 0, 0, 0), new(1001, 1, 0, 0, 0, ValidationLoss: 2)];
        Assert.Equal(
            """
            3.00 ┤⠑⠢⡀     
            2.00 ┤  ⠈⠑⢄⡀ ●
            1.00 ┤     ⠈⠢⢄
                  1  1,001
            """, TerminalCurve.Draw(run, 14, 4));
    }

    [Fact]
    public void A_curve_fills_its_box_exactly_whatever_it_shows() =>
        Gen.Select(Runs.Wild, Gen.Int[1, 100], Gen.Int[1, 24]).Sample((run, width, height) =>
        {
            var lines = TerminalCurve.Draw(run, width, height).Split('\n');
            Assert.Equal(height, lines.Length);
            Assert.All(lines, line => Assert.Equal(width, line.Length));
        }, iter: 1000, threads: 1);

    [Fact]
    public void Equal_losses_are_a_level_line_in_the_middle()
    {
        var lines = TerminalCurve.Draw([.. Enumerable.Range(1, 50).Select(step => new Measurement(step, 2, 0, 0, 0))], 40, 6).Split('\n');
        Assert.Equal("2.000 ┤" + new string('⠤', 33), lines[2]);
    }

    [Fact]
    public void One_step_is_one_dot_and_one_evaluation_one_mark()
    {
        var drawn = TerminalCurve.Draw([new(1, 4.2, 0, 0, 0)], 60, 10);
        Assert.Single(drawn, character => character is > '\u2800' and <= '\u28FF');
        Assert.Single(TerminalCurve.Draw([new(1, double.NaN, 0, 0, 0, ValidationLoss: 4)], 30, 10), '●');
    }

    [Fact]
    public void A_run_without_losses_is_an_empty_box()
    {
        var drawn = TerminalCurve.Draw([new(1, double.NaN, 0, 0, 0), new(2, double.PositiveInfinity, 0, 0, 0)], 60, 10);
        Assert.DoesNotContain(drawn, character => character is > '\u2800' and <= '\u28FF');
    }

    [Fact]
    public void No_room_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TerminalCurve.Draw([], 0, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => TerminalCurve.Draw([], 5, 0));
    }
}
