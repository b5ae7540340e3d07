using System.Collections.Immutable;
using System.Runtime.InteropServices;
using TransformFramework.Cpu.Analysis;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>A plan and the arenas of its runs: as many as ran at the same time.</summary>
internal sealed class PlanSession(ExecutionPlan plan, int threads)
{
    private readonly Stack<PlanRun> idle = new();

    public ExecutionPlan Plan { get; } = plan;

    /// <summary>Runs the plan; the results are new tensors.</summary>
    /// <exception cref="ExecutionException">Internal: a kernel gave another type or shape than its shape rule says.</exception>
    public ImmutableArray<Tensor> Run(IReadOnlyDictionary<string, Tensor> feeds, RunState? state, Action<string>? print, ProfileClock? clock, CancellationToken cancellation)
    {
        PlanRun run = Start(feeds, state, print, cancellation);
        try
        {
            return ImmutableCollectionsMarshal.AsImmutableArray(Plan.HandsOutputsOver ? HandedOver(run, clock) : Kept(run, clock));
        }
        finally
        {
            Finish(run);
        }
    }

    /// <summary>Runs the plan into the caller's buffers. Allocates nothing once there is an arena, as long as no node needs its reference kernel.</summary>
    /// <exception cref="ExecutionException">Internal: a kernel gave another type or shape than its shape rule says.</exception>
    /// <exception cref="ExecutionException">InvalidArgument: a buffer has not the size of its output.</exception>
    public void Run(IReadOnlyDictionary<string, Tensor> feeds, ReadOnlySpan<Memory<byte>> outputs, Action<string>? print, ProfileClock? clock, CancellationToken cancellation)
    {
        if (Plan.HandsOutputsOver)
        {
            var results = Run(feeds, state: null, print, clock, cancellation);
            for (int i = 0; i < outputs.Length; i++)
                OutputBuffers.Copy(results[i].Bytes.Span, outputs[i], i);
            return;
        }
        PlanRun run = Start(feeds, null, print, cancellation);
        try
        {
            RunOperators(run, clock);
            for (int i = 0; i < outputs.Length; i++)
            {
                PlanOutput output = Plan.Outputs[i];
                ReadOnlySpan<byte> bytes = output.Buffer is { } buffer ? run.Bytes(buffer)[..OutputBytes(output)] : (output.Constant ?? run.Tensors[output.Slot]!).Bytes.Span;
                OutputBuffers.Copy(bytes, outputs[i], i);
            }
        }
        finally
        {
            Finish(run);
        }
    }

    /// <summary>Runs the plan and hands each output over as soon as it is computed.</summary>
    /// <exception cref="ExecutionException">Internal: a kernel gave another type or shape than its shape rule says.</exception>
    public void Run(IReadOnlyDictionary<string, Tensor> feeds, Action<int, Tensor> receive, Action<string>? print, ProfileClock? clock, CancellationToken cancellation)
    {
        PlanRun run = Start(feeds, null, print, cancellation);
        try
        {
            RunOperators(run, clock, op =>
            {
                foreach (int output in Plan.OutputsAfter(op))
                    receive(output, Result(run, Plan.Outputs[output]));
            });
        }
        finally
        {
            Finish(run);
        }
    }

    /// <summary>Copies of the outputs, which are all there in the end.</summary>
    private Tensor[] Kept(PlanRun run, ProfileClock? clock)
    {
        RunOperators(run, clock);
        return [.. Plan.Outputs.Select(output => Copy(run, output))];
    }

    /// <summary>Copies of the outputs, each made as soon as it is computed.</summary>
    private Tensor[] HandedOver(PlanRun run, ProfileClock? clock)
    {
        var results = new Tensor[Plan.Outputs.Length];
        RunOperators(run, clock, op =>
        {
            foreach (int output in Plan.OutputsAfter(op))
                results[output] = Copy(run, Plan.Outputs[output]);
        });
        return results;
    }

    private static Tensor Copy(PlanRun run, PlanOutput output) => output.Buffer is { } buffer
        ? Tensor.FromContent(output.Type, output.Shape, run.Bytes(buffer)[..OutputBytes(output)].ToArray())
        : output.Constant ?? run.Tensors[output.Slot]!;

    /// <summary>An output without a copy.</summary>
    private static Tensor Result(PlanRun run, PlanOutput output)
    {
        if (output.Buffer is not { } buffer)
            return output.Constant ?? run.Tensors[output.Slot]!;
        int bytes = OutputBytes(output);
        return Tensor.FromContent(output.Type, output.Shape, buffer.Offset >= 0 ? run.Memory(buffer, bytes) : run.Bytes(buffer)[..bytes].ToArray());
    }

    private static int OutputBytes(PlanOutput output) => (int)(output.Shape.ElementCount * output.Type.Size());

    private PlanRun Start(IReadOnlyDictionary<string, Tensor> feeds, RunState? state, Action<string>? print, CancellationToken cancellation)
    {
        PlanRun? run;
        lock (idle)
            idle.TryPop(out run);
        run ??= new(Plan, threads);
        run.Feed(Plan, feeds);
        run.StateOfRun = state;
        run.Print = print;
        run.Cancellation = cancellation;
        return run;
    }

    private void RunOperators(PlanRun run, ProfileClock? clock, Action<int>? done = null)
    {
        for (int i = 0; i < Plan.Operators.Length; i++)
        {
            Operator op = Plan.Operators[i];
            clock?.Begin();
            run.Cancellation.ThrowIfCancellationRequested();
            try
            {
                op.Run(run);
            }
            catch (ExecutionException error) when (error.Node is null)
            {
                throw new ExecutionException(error.Kind, $"node '{op.Node.Name}' ({op.Node.Op}): {error.Message}", op.Node.Name, error);
            }
            clock?.End(op.Node, Plan.Shapes[i], op.OutputBytes(run));
            done?.Invoke(i);
        }
    }

    private void Finish(PlanRun run)
    {
        run.Clear();
        lock (idle)
            idle.Push(run);
    }
}

/// <summary>Copies results into the buffers of a caller.</summary>
internal static class OutputBuffers
{
    /// <exception cref="ExecutionException">InvalidArgument: the buffer has not the size of the result.</exception>
    public static void Copy(ReadOnlySpan<byte> result, Memory<byte> buffer, int number)
    {
        if (buffer.Length != result.Length)
            throw new ExecutionException(StatusKind.InvalidArgument, $"the buffer of output {number} has {buffer.Length} bytes, the result {result.Length}; give it a buffer of that size");
        result.CopyTo(buffer.Span);
    }
}
