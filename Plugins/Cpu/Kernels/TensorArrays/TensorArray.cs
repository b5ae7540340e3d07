using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Cpu.Kernels.Resources;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;

namespace TransformFramework.Cpu.Kernels.TensorArrays;

/// <summary>The tensors that loops hand from iteration to iteration: each element is written once and, when reading clears, read once.</summary>
internal sealed class TensorArray(string name, DataType type, TensorShape elementShape, long size, bool isDynamic, bool clearsAfterRead, bool identicalShapes)
{
    private readonly List<Element> elements = [.. Enumerable.Range(0, checked((int)size)).Select(_ => new Element())];
    private bool isClosed;

    /// <summary>What is known of the shape of every element.</summary>
    public TensorShape ElementShape { get; private set; } = elementShape;

    public bool IsDynamic => isDynamic;

    public DataType Type => type;

    public int Size
    {
        get
        {
            CheckOpen();
            return elements.Count;
        }
    }

    /// <summary>The array that an input's handle refers to.</summary>
    public static TensorArray Of(KernelCall call)
    {
        string handle = Handle.Name(call.Inputs[0]);
        return call.State.Find<TensorArray>(handle) ?? throw new ExecutionException(StatusKind.NotFound, $"TensorArray {handle} does not exist");
    }

    public void Write(long index, Tensor value)
    {
        CheckOpen();
        if (value.Type != type)
            throw Invalid($"TensorArray dtype is {type.Name()} but Op is trying to write dtype {value.Type.Name()}.");
        if (index < 0 || (!isDynamic && index >= elements.Count))
        {
            throw Invalid(isDynamic
                ? $"Tried to write to index {index} but array must be nonnegative"
                : $"Tried to write to index {index} but array is not resizeable and size is: {elements.Count}");
        }
        while (elements.Count <= index)
            elements.Add(new Element());
        Element element = elements[(int)index];
        if (ElementShape.Merge(value.Shape) is null)
        {
            throw Invalid($"Could not write to TensorArray index {index} because the value shape is {value.Shape} which is incompatible with the TensorArray's "
                + $"inferred element shape: {ElementShape} (consider setting infer_shape=False).");
        }
        if (element.IsRead)
            throw Invalid($"Could not write to TensorArray index {index} because it has already been read.");
        if (element.Value is not null)
            throw Invalid($"Could not write to TensorArray index {index} because it has already been written to.");
        if (identicalShapes && !ElementShape.IsFullyKnown)
            ElementShape = value.Shape;
        element.Value = value;
    }

    public Tensor Read(long index)
    {
        CheckOpen();
        if (index < 0 || index >= elements.Count)
            throw Invalid($"Tried to read from index {index} but array size is: {elements.Count}");
        Element element = elements[(int)index];
        if (element.IsCleared)
            throw Invalid($"Could not read index {index} twice because it was cleared after a previous read (perhaps try setting clear_after_read = false?).");
        if (element.Value is null && !ElementShape.IsFullyKnown)
            throw Invalid($"Could not read from TensorArray index {index}.  Furthermore, the element shape is not fully defined: {ElementShape}.  It is possible you are working with a resizeable TensorArray and stop_gradients is not allowing the gradients to be written.");
        Tensor value = element.Value ?? TensorBuilder.Of(type, ElementShape).Build();
        element.IsRead = true;
        element.IsCleared = clearsAfterRead;
        element.Value = clearsAfterRead ? null : value;
        return value;
    }

    /// <summary>Narrows the shape of the elements by what a reader says.</summary>
    public void Merge(TensorShape shape) =>
        ElementShape = ElementShape.Merge(shape) ?? throw Invalid($"the element shape {ElementShape} is incompatible with {shape}");

    public void CheckType(DataType wanted)
    {
        if (wanted != type)
            throw Invalid($"TensorArray dtype is {type.Name()} but Op requested dtype {wanted.Name()}.");
    }

    public void Close()
    {
        isClosed = true;
        elements.Clear();
    }

    public ExecutionException Invalid(string message) => Refuse.Invalid($"TensorArray {name}: {message}");

    private void CheckOpen()
    {
        if (isClosed)
            throw Invalid("TensorArray has already been closed.");
    }

    private sealed class Element
    {
        public Tensor? Value { get; set; }

        public bool IsRead { get; set; }

        public bool IsCleared { get; set; }
    }
}
