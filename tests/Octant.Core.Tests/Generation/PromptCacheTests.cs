using CsCheck;
using Octant.Generation;

namespace Octant.Core.Tests.Generation;

/// <summary>What one prompt has in common with the last one is not computed again.</summary>
public sealed class PromptCacheTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Prompt_after_prompt_gives_what_each_gives_alone(bool truncates) =>
        Gen.Int[0, 2].Array[1, 6].Array[1, 8].Sample(prompts =>
        {
            var model = new FakeModel { Truncates = truncates };
            using var cache = new PromptCache(model);
            foreach (var prompt in prompts)
            {
                var sequence = cache.Prepare(prompt);
                Assert.True(sequence.Length < prompt.Length);
                Assert.Equal(Ids(model, ((ILanguageModel)model).Open(), prompt), Ids(model, sequence, prompt, cache));
            }
        }, iter: 300);

    [Fact]
    public void Only_what_is_new_is_seen_and_a_fork_goes_its_own_way()
    {
        var model = new FakeModel();
        var cache = new PromptCache(model);
        Ids(model, cache.Prepare([1, 2, 3]), [1, 2, 3], cache);
        Assert.Equal(3 + 2, cache.Length);                  // what was generated, but the last
        Assert.Equal((2, 2, 0), (cache.Shared([1, 2, 3]), cache.Shared([1, 2, 9, 9]), cache.Shared([9])));
        using (var fork = cache.Fork(2))
        {
            Assert.Equal((2, 5), (fork.Length, cache.Length));                              // no more than that is copied
            Assert.Equal(2, fork.Prepare([1, 2, 7]).Length);
        }
        Assert.Equal(5, cache.Length);
        cache.Dispose();
        Assert.Equal(0, model.Open);
    }

    static int[] Ids(FakeModel model, ISequence sequence, int[] prompt, PromptCache? cache = null)
    {
        var text = new Continuation(sequence, prompt, new() { MaxTokens = 3 });
        int[] ids = [.. DecodingLoop.Run(model, [text]).Select(token => token.Id)];
        cache?.Keep(text);
        return ids;
    }
}
