using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TransformFramework.Engine;
using TransformFramework.Graphs;

namespace TransformFramework.Extensions.Tests;

/// <summary>The engine in a host: options, keyed sessions, logs, measurements, health.</summary>
public sealed class ServiceTests
{
    private static readonly string ProgramFolder = RepositoryFiles.OutputOf("Host/Cli");
    private static readonly string Digits = Path.Combine(AppContext.BaseDirectory, "digits_cnn.pb");

    private readonly List<(int Id, LogLevel Level, string Text)> log = [];

    [Fact]
    public void A_session_is_a_keyed_singleton_that_runs()
    {
        using ServiceProvider provider = Services(builder => builder.AddSession("digits", Digits, new() { Outputs = ["DigitsNet/Predictions/Reshape_1"] })).BuildServiceProvider();
        var session = provider.GetRequiredKeyedService<Session>("digits");
        Assert.Same(session, provider.GetRequiredKeyedService<Session>("digits"));
        Assert.Same(provider.GetRequiredService<TransformEngine>(), provider.GetRequiredService<TransformEngine>());
        Assert.Equal(10, session.Run(Image())[0].ElementCount);
    }

    [Fact]
    public async Task Options_are_bound_from_configuration_and_checked_when_the_host_starts()
    {
        HostApplicationBuilder host = Host.CreateEmptyApplicationBuilder(new());
        host.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Engine:ProgramFolder"] = "/no/such/folder", ["Engine:PluginPaths:0"] = "/no/such.dll" });
        host.Services.AddTransformFramework();
        host.Services.AddOptions<TransformEngineOptions>().BindConfiguration("Engine");
        using IHost built = host.Build();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => built.StartAsync());
        Assert.Equal(2, error.Failures.Count());
        Assert.Contains("/no/such/folder", error.Message, StringComparison.Ordinal);
        Assert.Contains("/no/such.dll", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Loading_is_logged_with_the_number_of_its_id()
    {
        using ServiceProvider provider = Services(builder => builder.AddSession("digits", Digits)).BuildServiceProvider();
        provider.GetRequiredKeyedService<Session>("digits");
        var (id, level, text) = Assert.Single(log);
        Assert.Equal((4900, LogLevel.Information), (id, level));
        Assert.Equal("Session 'digits' is loaded: 123 nodes, format graphdef", text);
    }

    [Fact]
    public async Task Health_is_that_of_the_session_s_model()
    {
        ServiceCollection services = Services(builder => builder.AddSession("digits", Digits).AddHealthCheck("digits").AddSession("missing", "missing.pb").AddHealthCheck("missing"));
        await using ServiceProvider provider = services.BuildServiceProvider();
        HealthReport report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Equal(HealthStatus.Healthy, report.Entries["transformframework:digits"].Status);
        Assert.Equal(HealthStatus.Unhealthy, report.Entries["transformframework:missing"].Status);
        Assert.Contains("missing.pb", report.Entries["transformframework:missing"].Description, StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_are_seen_by_listeners_of_activities_and_meters()
    {
        var activities = new List<(string Name, ActivityStatusCode Status)>();
        var durations = new List<double>();
        using var activityListener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TransformEngineTelemetry.SourceName,
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => activities.Add((activity.OperationName, activity.Status)),
        };
        ActivitySource.AddActivityListener(activityListener);
        using var meterListener = new MeterListener { InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        meterListener.SetMeasurementEventCallback<double>((instrument, value, _, _) =>
        {
            if (instrument.Name == "transformframework.session.run.duration")
                durations.Add(value);
        });
        meterListener.Start();
        using ServiceProvider provider = Services(builder => builder.AddSession("digits", Digits)).BuildServiceProvider();
        provider.GetRequiredKeyedService<Session>("digits").Run(Image());
        Assert.Contains(("session.run", ActivityStatusCode.Unset), activities);
        Assert.Contains(durations, duration => duration > 0);
    }

    [Fact]
    public void The_model_is_closed_with_the_provider()
    {
        ServiceProvider provider = Services(builder => builder.AddSession("digits", Digits)).BuildServiceProvider();
        var model = provider.GetRequiredKeyedService<Model>("digits");
        Assert.Equal("graphdef", model.Format);
        provider.Dispose();
        Assert.Throws<ObjectDisposedException>(() => provider.GetRequiredKeyedService<Model>("digits"));
    }

    private ServiceCollection Services(Action<TransformFrameworkBuilder> add)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(new ListProvider(log)).AddFilter((category, _) => category == TransformEngineTelemetry.SourceName));
        add(services.AddTransformFramework(options => options.ProgramFolder = ProgramFolder));
        return services;
    }

    private static Dictionary<string, Tensor> Image() => new() { ["Placeholder"] = Tensor.Create<float>(DataType.Float, TensorShape.Of(1, 32, 32, 1), new float[32 * 32]) };

    private sealed class ListProvider(List<(int Id, LogLevel Level, string Text)> log) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => log.Add((eventId.Id, logLevel, formatter(state, exception)));

        public void Dispose()
        {
        }
    }
}
