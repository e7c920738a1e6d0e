using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Octant.Hub;

namespace Octant;

/// <summary>Octant among an application's services.</summary>
public static class OctantServices
{
    /// <summary>Adds a model on this machine as the application's <see cref="IChatClient"/>, opened when it is first asked for.</summary>
    /// <param name="services">the application's</param>
    /// <param name="model">a folder, a GGUF file, an embedded model's name, or org/name in the cache or on the hub; what Octant carries by default</param>
    /// <param name="options">number type and context</param>
    /// <returns>what decorates it: tools, logging, telemetry, caching</returns>
    public static ChatClientBuilder AddOctantChat(
        this IServiceCollection services, string model = ModelHub.DefaultModel, LanguageModelOptions? options = null) =>
        services.AddChatClient(_ => OctantChat.Open(model, options));
}
