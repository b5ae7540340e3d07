using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TransformFramework.Engine;

namespace TransformFramework.Extensions;

/// <summary>Adds sessions and health checks to a service collection that has the engine.</summary>
public sealed class TransformFrameworkBuilder
{
    internal TransformFrameworkBuilder(IServiceCollection services) => Services = services;

    /// <summary>The collection.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Adds a keyed singleton <see cref="Session"/> of a model. It is loaded and compiled when first asked for; disposing the provider closes the model.</summary>
    /// <param name="name">The key.</param>
    /// <param name="path">A model of any format.</param>
    /// <param name="options">Choices of the session.</param>
    public TransformFrameworkBuilder AddSession(string name, string path, SessionOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Services.AddKeyedSingleton(name, (provider, _) => Load(provider, name, path));
        Services.AddKeyedSingleton(name, (provider, _) => provider.GetRequiredService<TransformEngine>().CreateSession(provider.GetRequiredKeyedService<Model>(name), options));
        return this;
    }

    /// <summary>Adds a health check that runs nothing: it is healthy when the session's model loads and compiles.</summary>
    public TransformFrameworkBuilder AddHealthCheck(string sessionName)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(sessionName);
        Services.AddHealthChecks().Add(new HealthCheckRegistration($"transformframework:{sessionName}", provider => new SessionHealthCheck(provider, sessionName), failureStatus: null, tags: null));
        return this;
    }

    private static Model Load(IServiceProvider provider, string name, string path)
    {
        ILogger logger = provider.GetService<ILoggerFactory>()?.CreateLogger(TransformEngineTelemetry.SourceName) ?? (ILogger)NullLogger.Instance;
        Model model = provider.GetRequiredService<TransformEngine>().Load(path);
        SessionLog.Loaded(logger, name, model.Graph.Nodes.Length, model.Format);
        foreach (var diagnostic in model.Content.Diagnostics)
            SessionLog.Noticed(logger, name, diagnostic.Id, diagnostic.Message);
        return model;
    }
}
