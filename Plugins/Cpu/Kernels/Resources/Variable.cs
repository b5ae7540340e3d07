using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Resources;

/// <summary>A variable of the run: its value, or null before the first assignment. Handles are scalar strings.</summary>
internal sealed class Variable
{
    private Variable()
    {
    }

    public Tensor? Value { get; set; }

    /// <summary>The handle under which a variable of a name is found.</summary>
    public static Tensor HandleOf(string name) => Tensor.FromStrings(TensorShape.Scalar, [System.Text.Encoding.UTF8.GetBytes(name)]);

    /// <summary>The variable that an input's handle refers to.</summary>
    public static Variable Of(KernelCall call, int input) => Of(call.State, Handle.Name(call.Inputs[input]));

    /// <summary>The variable of a name, made on first use.</summary>
    public static Variable Of(RunState state, string name) => state.GetOrAdd("variable " + name, () => new Variable());

    /// <summary>Replaces the value of the variable, or of the plain tensor, that is the first input.</summary>
    public static Tensor[] Change(KernelCall call, Func<Tensor, Tensor> change)
    {
        if (call.Inputs[0].Type != DataType.String)
            return [change(call.Inputs[0])];
        var variable = Of(call, 0);
        Tensor value = change(Read(call, 0));
        variable.Value = value;
        return call.Node.Op.StartsWith("Resource", StringComparison.Ordinal) ? [] : [value];
    }

    /// <summary>The value of the variable that an input's handle refers to.</summary>
    public static Tensor Read(KernelCall call, int input) => Of(call, input).Value
        ?? throw new ExecutionException(StatusKind.FailedPrecondition,
            "Error while reading a resource variable: it has no value within this run; freeze the variables into constants first.");
}

/// <summary>The handle of a resource variable.</summary>
[Kernel("VarHandleOp")]
internal sealed class VariableHandle : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call)
    {
        string shared = call.Node.Text("shared_name");
        return [Variable.HandleOf($"{call.Node.Text("container")}/{(shared.Length > 0 ? shared : call.Node.Name)}")];
    }
}

[Kernel("ReadVariableOp")]
internal sealed class ReadVariable : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call) => [Variable.Read(call, 0)];
}

[Kernel("AssignVariableOp")]
internal sealed class AssignVariable : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [];

    public Tensor[] Compute(KernelCall call)
    {
        Variable.Of(call, 0).Value = call.Inputs[1];
        return [];
    }
}

[Kernel("VarIsInitializedOp")]
internal sealed class VariableIsInitialized : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call) => [Tensor.Create<bool>(DataType.Bool, TensorShape.Scalar, [Variable.Of(call, 0).Value is not null])];
}

/// <summary>A reference variable: its output is a handle, which the Identity that reads the variable resolves.</summary>
[Kernel("Variable", "VariableV2", "TemporaryVariable")]
internal sealed class ReferenceVariable : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Node.Shape("shape")];

    public Tensor[] Compute(KernelCall call) => [Variable.HandleOf("/" + call.Node.Name)];
}

/// <summary>Gives a reference variable its value; a frozen one, which is a plain tensor, has none to be given.</summary>
[Kernel("Assign")]
internal sealed class Assign : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[1]];

    public Tensor[] Compute(KernelCall call)
    {
        if (call.Inputs[0].Type == DataType.String)
            Variable.Of(call, 0).Value = call.Inputs[1];
        return [call.Inputs[1]];
    }
}
