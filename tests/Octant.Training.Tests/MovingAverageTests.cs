using Octant.Training.Averaging;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Octant.Training.Tests;

public sealed class MovingAverageTests
{
    [Fact]
    public void A_uniform_average_is_the_mean()
    {
        using var scope = NewDisposeScope();
        var parameters = Parameters(1f);
        using var average = new MovingAverage(parameters, new Uniform());
        foreach (var value in (float[])[3, 5, 10])
        {
            Set(parameters, value);
            average.Update();
        }
        Assert.Equal(6f, average.Averages["w"].item<float>(), 1e-5f);
    }

    [Fact]
    public void Swapping_twice_changes_nothing()
    {
        using var scope = NewDisposeScope();
        var parameters = Parameters(1f);
        using var average = new MovingAverage(parameters, new Exponential(0.9));
        Set(parameters, 2f);
        average.Swap();
        Assert.Equal((1f, 2f), (parameters["w"].item<float>(), average.Averages["w"].item<float>()));
        average.Swap();
        Assert.Equal((2f, 1f), (parameters["w"].item<float>(), average.Averages["w"].item<float>()));
    }

    [Fact]
    public void A_resumed_average_goes_on_where_it_was()
    {
        using var scope = NewDisposeScope();
        var parameters = Parameters(1f);
        using var straight = new MovingAverage(parameters, new Growing(0.99));
        for (var i = 0; i < 5; i++) Move(straight);
        using var resumed = new MovingAverage(Parameters(0f), new Growing(0.99));
        resumed.Load(straight.Save());
        using var following = new MovingAverage(parameters, new Growing(0.99));
        following.Load(resumed.Save());
        Set(parameters, 7f);
        straight.Update();
        following.Update();
        Assert.Equal(straight.Averages["w"].item<float>(), following.Averages["w"].item<float>());

        void Move(MovingAverage average)
        {
            Set(parameters, parameters["w"].item<float>() + 1);
            average.Update();
        }
    }

    [Fact]
    public void Another_models_average_is_refused()
    {
        using var scope = NewDisposeScope();
        using var average = new MovingAverage(Parameters(1f), new Uniform());
        var saved = new Dictionary<string, Tensor>(average.Save()) { ["w"] = zeros(3) };
        Assert.Contains("w is missing or has another shape", Assert.Throws<OctantException>(() => average.Load(saved)).Message);
        Assert.Throws<OctantException>(() => average.Load(new Dictionary<string, Tensor> { ["w"] = zeros([]) }));
    }

    static Dictionary<string, Parameter> Parameters(float value) => new() { ["w"] = new(tensor(value)) };

    static void Set(Dictionary<string, Parameter> parameters, float value)
    {
        using var _ = no_grad();
        parameters["w"].fill_(value);
    }
}
