using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Octant.Hub;
using Octant.Testing;

namespace Octant.Tests;

/// <summary>Octant among an application's services.</summary>
public sealed class ServicesTests
{
    [Fact]
    public async Task An_application_gets_the_client_that_it_added_with_its_decorators()
    {
        using var files = new TinyModel();
        var services = new ServiceCollection();
        services.AddOctantChat(files.Folder, new("float32")).UseFunctionInvocation();
        await using var provider = services.BuildServiceProvider();
        var chat = provider.GetRequiredService<IChatClient>();
        Assert.IsType<FunctionInvokingChatClient>(chat);
        Assert.NotNull(chat.GetService<OctantChat>());
        Assert.Same(chat, provider.GetRequiredService<IChatClient>());
        Assert.Equal(5, (await chat.GetResponseAsync("hello", new() { MaxOutputTokens = 5 })).Text.Length);
    }

    [Fact]
    public void A_model_that_is_missing_is_an_error_only_when_it_is_asked_for()
    {
        var services = new ServiceCollection();
        services.AddOctantChat("/no/such/model");
        using var provider = services.BuildServiceProvider();
        Assert.Contains("/no/such/model", Assert.Throws<HubException>(provider.GetRequiredService<IChatClient>).Message);
    }
}
