using System.Collections.Immutable;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using Tensor = TransformFramework.Graphs.Tensor;

namespace TransformFramework.Engine;

/// <summary>
/// Memory for runs of fixed shapes. Inputs are written in place, results are read in place, and a run allocates nothing. Used by one thread at a time; other threads make their own of the same session.
/// <code>
/// SessionBuffers buffers = session.CreateBuffers(batch: 8);
/// pixels.CopyTo(buffers.Input&lt;float&gt;("image"));
/// buffers.Run();
/// ReadOnlySpan&lt;float&gt; scores = buffers.Output&lt;float&gt;("scores");
/// </code>
/// </summary>
public sealed class SessionBuffers
{
    private readonly Session session;
    private readonly Dictionary<string, (Tensor Tensor, byte[] Memory)> inputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> feeds = new(StringComparer.Ordinal);
    private readonly ImmutableArray<(TensorInfo Info, TensorShape Shape, DataType Type, byte[] Memory)> outputs;
    private readonly Memory<byte>[] results;

    internal SessionBuffers(Session session, int batch, IReadOnlyDictionary<string, TensorShape>? shapes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        this.session = session;
        foreach (TensorInfo input in session.Inputs)
        {
            byte[] memory = new byte[Size(input, ShapeOf(input, batch, shapes))];
            Tensor tensor = Tensor.FromContent(input.Type, ShapeOf(input, batch, shapes), memory);
            inputs.Add(input.Name, (tensor, memory));
            feeds.Add(input.Name, tensor);
        }
        outputs = [.. session.Outputs.Zip(session.Run(feeds), (info, value) => (info, value.Shape, value.Type, new byte[value.Bytes.Length]))];
        results = [.. outputs.Select(output => output.Memory.AsMemory())];
    }

    /// <summary>The elements of an input, to be written before a run.</summary>
    /// <exception cref="ArgumentException">There is no such input, or its elements are of another type.</exception>
    public Span<T> Input<T>(string name)
        where T : unmanaged
    {
        var (tensor, memory) = Find(name);
        return Elements<T>(name, tensor.Type, memory);
    }

    /// <summary>An input with its shape.</summary>
    /// <exception cref="ArgumentException">There is no such input, or its elements are of another type.</exception>
    public TensorSpan<T> InputTensor<T>(string name)
        where T : unmanaged => new(Input<T>(name), Lengths(Find(name).Tensor.Shape));

    /// <summary>Runs the graph on what the inputs hold.</summary>
    /// <exception cref="ExecutionException">A kernel refuses its inputs, or an output has another size than before.</exception>
    public void Run(CancellationToken cancellation = default) => session.Run(feeds, results, cancellation);

    /// <summary>The elements of an output after a run; the next run overwrites them.</summary>
    /// <exception cref="ArgumentException">There is no such output, or its elements are of another type.</exception>
    public ReadOnlySpan<T> Output<T>(string name)
        where T : unmanaged
    {
        var output = outputs[IndexOf(name)];
        return Elements<T>(name, output.Type, output.Memory);
    }

    /// <summary>An output with its shape.</summary>
    /// <exception cref="ArgumentException">There is no such output, or its elements are of another type.</exception>
    public ReadOnlyTensorSpan<T> OutputTensor<T>(string name)
        where T : unmanaged => new(Output<T>(name), Lengths(outputs[IndexOf(name)].Shape));

    private (Tensor Tensor, byte[] Memory) Find(string name) =>
        inputs.TryGetValue(name, out var input) ? input : throw new ArgumentException($"there is no input '{name}'; there are {string.Join(", ", inputs.Keys)}", nameof(name));

    private int IndexOf(string name)
    {
        for (int i = 0; i < outputs.Length; i++)
        {
            if (outputs[i].Info.Name == name)
                return i;
        }
        throw new ArgumentException($"there is no output '{name}'; there are {string.Join(", ", outputs.Select(output => output.Info.Name))}", nameof(name));
    }

    private static Span<T> Elements<T>(string name, DataType type, byte[] memory)
        where T : unmanaged =>
        Unsafe.SizeOf<T>() == type.Size() && Holds<T>(type) ? MemoryMarshal.Cast<byte, T>(memory.AsSpan()) : throw new ArgumentException($"'{name}' is of {type.Name()}, whose elements have {type.Size()} bytes, not of {typeof(T).Name}", nameof(name));

    /// <summary>False where whole numbers would be read as floating point, or the other way round.</summary>
    private static bool Holds<T>(DataType type) => !typeof(T).IsPrimitive || ((typeof(T) == typeof(float)) == (type == DataType.Float) && (typeof(T) == typeof(double)) == (type == DataType.Double));

    private static TensorShape ShapeOf(TensorInfo input, int batch, IReadOnlyDictionary<string, TensorShape>? shapes)
    {
        if (shapes is not null && shapes.TryGetValue(input.Name, out TensorShape? given))
            return given;
        TensorShape shape = input.Shape;
        return shape.IsUnknownRank || shape.Rank == 0 || shape[0] >= 0 ? shape : TensorShape.Of([batch, .. shape.Dimensions.Skip(1)]);
    }

    private static int Size(TensorInfo input, TensorShape shape)
    {
        if (!shape.TryCount(out long count) || input.Type.Size() == 0)
            throw new ExecutionException(StatusKind.InvalidArgument, $"the input '{input.Name}' of type {input.Type.Name()} and shape {shape} has no known size; give its shape to CreateBuffers");
        return checked((int)(count * input.Type.Size()));
    }

    private static nint[] Lengths(TensorShape shape) => [.. shape.Dimensions.Select(dimension => checked((nint)dimension))];
}
