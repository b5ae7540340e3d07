using System.Collections.Immutable;
using System.Diagnostics;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Binding;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Transforms;

namespace TransformFramework.Engine.Pipeline;

/// <summary>Runs a script over a graph, step by step: bind, run, verify and repair, record.</summary>
public sealed class PipelineRunner(ITransformSource source)
{
    /// <summary>What a step drops in large arrays would stay until as much again is allocated; beyond this many bytes it is given back to the system at once.</summary>
    private const long WorthCollecting = 32 << 20;

    private static Diagnostic NothingLeft => EngineDiagnostics.NothingLeft.With() with { Suggestion = "List in --outputs what it must still compute." };

    /// <summary>Loads the program's own transforms of a script on another processor, while a model is read. What is wrong with their arguments is found again by the run.</summary>
    public void Prepare(Script script)
    {
        TransformCall[] own = [.. script.Calls.Where(call => source.Find(call.Plugin, call.Name) is { Plugin.IsFirstParty: true })];
        _ = Task.Run(() => Array.ForEach(own, call => BadArgument(call)));
    }

    /// <summary>Runs a script. Unknown transforms stop it before the first step, in verbatim mode when their turn comes; a failing step ends it, unless the call says <c>ignore_errors</c>.</summary>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public PipelineResult Run(Graph graph, Script script, PipelineOptions options, CancellationToken cancellation, IProgress<StepProgress>? progress = null)
    {
        var steps = ImmutableArray.CreateBuilder<StepRecord>(script.Calls.Length);
        if (options.Mode == TransformMode.Safe && script.Calls.FirstOrDefault(call => UnknownTransform(call) is not null) is { } unknown)
            return new(null, [], [], new(-1, unknown, StatusKind.InvalidArgument, UnknownTransform(unknown)!, graph));
        if (options.Mode == TransformMode.Safe && script.Calls.Select(call => (Call: call, Error: BadArgument(call))).FirstOrDefault(entry => entry.Error is not null) is { Error: { } bad, Call: var badCall })
            return new(null, [], [], new(-1, badCall, StatusKind.InvalidArgument, bad, graph));
        ImmutableArray<Diagnostic> warnings = [.. Endpoints.Warnings(graph, options)];
        var counter = new RunCounter();
        for (int i = 0; i < script.Calls.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            TransformCall call = script.Calls[i];
            if (UnknownTransform(call) is { } notFound)
                return new(null, steps.ToImmutable(), warnings, new(i, call, StatusKind.InvalidArgument, notFound, graph));
            progress?.Report(new(i, script.Calls.Length, call.Name));
            var step = new Step(source, call, options, counter, cancellation);
            var (record, failure) = step.Run(i, graph);
            if (record is not null)
                steps.Add(record);
            if (failure is not null)
                return new(null, steps.ToImmutable(), warnings, failure);
            graph = step.Result;
            options.AfterStep?.Invoke(graph);
            if (record!.BytesBefore - record.BytesAfter > WorthCollecting)
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
        return new(graph, steps.ToImmutable(), graph.Nodes.IsEmpty && steps.Count > 0 && steps[0].NodesBefore > 0 ? warnings.Add(NothingLeft) : warnings, null);
    }

    /// <summary>What is wrong with a call's arguments, as far as it can be known before the run; null when nothing is, or when the call ignores its errors.</summary>
    private Diagnostic? BadArgument(TransformCall call)
    {
        var (ignoresErrors, badFlag) = IgnoreErrors.Read(call);
        if (ignoresErrors || badFlag is not null)
            return badFlag;
        try
        {
            ITransform transform = source.Create(source.Find(call.Plugin, call.Name)!);
            var bound = OptionsBinder.Bind(call, transform.OptionsType, ignoreUnknown: false);
            if (bound.Options is null)
                return Step.WorstOf(bound.Diagnostics);
            transform.Check(bound.Options);
            return null;
        }
        catch (TransformException error)
        {
            return Diagnostic.Error(error.DiagnosticId, error.Message) with { Span = call.Span, Suggestion = error.Suggestion };
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>The error of a call that names no transform; null when there is one.</summary>
    internal Diagnostic? UnknownTransform(TransformCall call)
    {
        if (source.Find(call.Plugin, call.Name) is not null)
            return null;
        if (RefusedTransforms.Reason(call.Name) is { } reason)
            return EngineDiagnostics.RefusedTransform.With(call.Name, reason) with { Span = call.NameSpan, Suggestion = "Leave the step out." };
        return EngineDiagnostics.UnknownTransform.With(call.QualifiedName) with { Span = call.NameSpan, Suggestion = Nearest(call) };
    }

    private string Nearest(TransformCall call)
    {
        if (call.Plugin is not null && source.Find(null, call.Name) is { } elsewhere)
            return $"Plugin '{elsewhere.PluginName}' offers it: write {elsewhere.PluginName}::{call.Name}, or {call.Name} alone.";
        return Suggestions.Nearest(call.Name, source.Names) is { } nearest ? $"Did you mean '{nearest}'?" : "'transform_graph list' shows every transform.";
    }

    /// <summary>One step of a run.</summary>
    private sealed class Step(ITransformSource source, TransformCall call, PipelineOptions options, RunCounter counter, CancellationToken cancellation)
    {
        private readonly long started = Stopwatch.GetTimestamp();
        private readonly List<Diagnostic> diagnostics = [];
        private StepContext? context;

        public Graph Result { get; private set; } = Graph.Empty;

        public (StepRecord? Record, StepFailure? Failure) Run(int number, Graph before)
        {
            var (ignoresErrors, badFlag) = IgnoreErrors.Read(call);
            if (badFlag is not null)
                return (null, new(number, call, StatusKind.InvalidArgument, badFlag, before));
            StepFailure? failure = TryTransform(number, before, out Graph after);
            if (options.Mode == TransformMode.Safe)
                failure ??= Verify(number, before, ref after);
            bool ignored = failure is not null && ignoresErrors && !failure.IsPluginFault;
            if (failure is not null && !ignored)
                return (null, failure);
            if (ignored)
            {
                diagnostics.Add(failure!.Diagnostic with { Severity = Severity.Warning, Message = $"{call.Name}: ignoring the error: {failure.Diagnostic.Message}" });
                after = before;
            }
            if (options.Mode == TransformMode.Verbatim && Verify(number, before, ref after) is { } broken)
                return (null, broken);
            bool isLossy = source.Find(call.Plugin, call.Name)!.IsLossy;
            if (options.Check?.Compare(before, after, call, isLossy, cancellation) is { } finding)
            {
                if (finding.Severity == Severity.Error)
                    return (null, new(number, call, StatusKind.Internal, finding, before));
                diagnostics.Add(finding);
            }
            Result = after;
            return (Record(before, after, ignored), null);
        }

        /// <summary>In verbatim mode, as in the original, this is no error that <c>ignore_errors</c> ignores.</summary>
        private StepFailure? Verify(int number, Graph before, ref Graph after) =>
            new GraphVerifier(options, call).Verify(before, ref after, diagnostics) is { } problem ? new(number, call, StatusKind.Internal, problem, before) : null;

        private StepFailure? TryTransform(int number, Graph before, out Graph after)
        {
            after = before;
            TransformDescription description = source.Find(call.Plugin, call.Name)!;
            try
            {
                ITransform transform = source.Create(description);
                var bound = OptionsBinder.Bind(call, transform.OptionsType, ignoreUnknown: options.Mode == TransformMode.Verbatim && description.IsClassic);
                diagnostics.AddRange(bound.Diagnostics.Where(diagnostic => diagnostic.Severity != Severity.Error));
                if (bound.Options is null)
                    return new(number, call, StatusKind.InvalidArgument, WorstOf(bound.Diagnostics), before);
                context = NewContext(description);
                after = transform.Apply(before, bound.Options, context);
                if (PluginGraph.Flaw(after) is { } flaw)
                    return Blamed(number, before, PluginFault.Of(description.Plugin, EngineDiagnostics.TransformThrew, $"transform '{call.Name}'", flaw));
                after = WithLibrary(description, before, after);
                return null;
            }
            catch (TransformException error)
            {
                var diagnostic = Diagnostic.Error(error.DiagnosticId, error.Message) with { Span = call.Span, Node = error.Node, Suggestion = SuggestionFor(error, before) };
                return new(number, call, error.Kind, diagnostic, before);
            }
            catch (AttributeException error)
            {
                var diagnostic = EngineDiagnostics.BadAttribute.With(error.Message) with { Span = call.Span, Node = error.Node, Suggestion = "Run add_default_attributes first." };
                return new(number, call, StatusKind.InvalidArgument, diagnostic, before);
            }
            catch (Exception error) when (PluginFault.Blames(description.Plugin, error) && (error is not OperationCanceledException || !cancellation.IsCancellationRequested))
            {
                return Blamed(number, before, PluginFault.Of(description.Plugin, EngineDiagnostics.TransformThrew, $"transform '{call.Name}'", error));
            }
        }

        /// <summary>The original's transforms keep the library; another that makes its graph of nodes alone has no library to say anything of, which is missed where a node still calls a function.</summary>
        private static Graph WithLibrary(TransformDescription description, Graph before, Graph after)
        {
            if (!after.Functions.IsEmpty || before.Functions.IsEmpty)
                return after;
            bool isMissed = description.IsClassic || after.Nodes.Any(node => CallSite.Mentioned(node).Prepend(node.Op).Any(name => before.Functions.Find(name) is not null));
            return isMissed ? after.WithFunctions(before.Functions) : after;
        }

        private StepFailure Blamed(int number, Graph before, PluginException fault)
        {
            var diagnostic = Diagnostic.Error(fault.DiagnosticId, fault.Message) with { Span = call.NameSpan, Suggestion = $"{fault.Suggestion} --reproducer=FOLDER writes the graph before the step." };
            return new(number, call, StatusKind.Internal, diagnostic, before) { IsPluginFault = true, Cause = fault.InnerException };
        }

        /// <summary>An unknown argument explains a missing one, so it is reported first.</summary>
        public static Diagnostic WorstOf(ImmutableArray<Diagnostic> diagnostics) =>
            diagnostics.Where(diagnostic => diagnostic.Severity == Severity.Error).MinBy(diagnostic => diagnostic.Id, StringComparer.Ordinal)!;

        /// <summary>A near name says more than where to look names up.</summary>
        private static string? SuggestionFor(TransformException error, Graph before) => error.Kind == StatusKind.NotFound
            ? NearestNode(before, error.Node) ?? error.Suggestion
            : error.Suggestion ?? NearestNode(before, error.Node);

        private static string? NearestNode(Graph graph, string? name) =>
            name is not null && !graph.TryFind(name, out _) && Suggestions.Nearest(name, graph.Nodes.Select(node => node.Name)) is { } nearest
                ? $"The graph has no node '{name}'; did you mean '{nearest}'?"
                : null;

        private StepContext NewContext(TransformDescription description)
        {
            bool explains = options.Explain.Contains("*") || options.Explain.Contains(description.Name);
            return new(description.NeedsBackend || explains ? source.Backend : null, explains, options)
            {
                InputNames = options.InputNames,
                OutputNames = options.OutputNames,
                Mode = options.Mode,
                Counter = counter,
                Cancellation = cancellation,
            };
        }

        private StepRecord Record(Graph before, Graph after, bool ignored)
        {
            TimeSpan duration = Stopwatch.GetElapsedTime(started);
            return new(call, before.Nodes.Length, after.Nodes.Length, GraphDefWriter.Measure(before), GraphDefWriter.Measure(after), duration)
            {
                Statistics = context is null ? [] : [.. context.Statistics.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => new Statistic(count.Key, count.Value))],
                Diagnostics = [.. diagnostics, .. context?.Diagnostics ?? []],
                Explanations = [.. context?.Explanations ?? []],
                IsIgnored = ignored,
                WrittenFor = ignored ? null : context?.WrittenFor,
            };
        }
    }
}
