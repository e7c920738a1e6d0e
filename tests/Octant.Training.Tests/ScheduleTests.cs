using CsCheck;
using Octant.Training.Schedules;

namespace Octant.Training.Tests;

public sealed class ScheduleTests
{
    [Fact]
    public void No_rate_is_negative_not_a_number_or_above_the_highest() =>
        Gen.Select(Gen.Int[0, 50], Gen.Int[1, 200], Gen.Int[0, 400]).Sample((warmUp, more, step) =>
        {
            ISchedule[] all =
            [
                new Constant(1, warmUp), new Linear(1, warmUp + more, warmUp), new Cosine(1, warmUp + more, warmUp, 0.1),
                new CosineRestarts(1, warmUp + more, warmUp, 3), new Polynomial(1, warmUp + more, warmUp, 0.01, 2),
                new InverseSquareRoot(1, warmUp), new WarmUpStableDecay(1, warmUp, more, more, 0.1, Curve.Cosine, Curve.SquareRoot),
                new Steps(1, more), new Milestones(1, [warmUp, more]), new Exponential(1, 0.9), new CosineAnnealing(1, more, 0.1),
                new CosineWarmRestarts(1, more, 2), new OneCycle(1, warmUp + more + 10),
            ];
            return all.All(schedule => schedule.At(step) is >= 0 and <= 1 + 1e-12);
        });

    [Fact]
    public void A_warm_up_starts_from_nothing_and_ends_at_the_full_rate()
    {
        var schedule = new Cosine(0.5, TotalSteps: 100, WarmUpSteps: 10, LeastShare: 0.1);
        Assert.Equal(0, schedule.At(0));
        Assert.Equal(0.25, schedule.At(5), 12);
        Assert.Equal(0.5, schedule.At(10), 12);
        Assert.Equal(0.05, schedule.At(100), 12);
    }

    [Fact]
    public void The_level_part_lies_between_rise_and_fall()
    {
        var schedule = new WarmUpStableDecay(2, WarmUpSteps: 4, StableSteps: 6, DecaySteps: 4, Fall: Curve.Linear);
        Assert.Equal([0, 1, 2, 2, 1, 0, 0], new[] { 0, 2, 4, 10, 12, 14, 1000 }.Select(schedule.At));
    }
}
