using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TransformFramework.Engine;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Execution;
using TransformFramework.ModelFiles;

namespace TransformFramework.Extensions;

/// <summary>Healthy when the session's model loads and compiles.</summary>
internal sealed class SessionHealthCheck(IServiceProvider provider, string name) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            Session session = provider.GetRequiredKeyedService<Session>(name);
            return Task.FromResult(HealthCheckResult.Healthy($"{session.Inputs.Length} inputs, {session.Outputs.Length} outputs"));
        }
        catch (Exception error) when (error is ModelFormatException or ExecutionException or PluginException)
        {
            return Task.FromResult(new HealthCheckResult(context.Registration.FailureStatus, error.Message, error));
        }
    }
}
