using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using TransformFramework.Engine;
using TransformFramework.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds TransformFramework to a service collection.</summary>
public static class TransformFrameworkServiceCollectionExtensions
{
    /// <summary>Adds one <see cref="TransformEngine"/> for the process. Its options are checked when the host starts.</summary>
    public static TransformFrameworkBuilder AddTransformFramework(this IServiceCollection services, Action<TransformEngineOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        OptionsBuilder<TransformEngineOptions> options = services.AddOptions<TransformEngineOptions>().ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TransformEngineOptions>, EngineOptionsValidator>());
        services.TryAddSingleton(provider => new TransformEngine(provider.GetRequiredService<IOptions<TransformEngineOptions>>().Value));
        return new(services);
    }
}
