namespace TransformFramework.Keras.Operators;

/// <summary>Registers a static method as the operator of Keras 3 classes and TensorFlow functions.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class KerasOperatorAttribute(params string[] names) : Attribute
{
    /// <summary>Classes such as <c>Matmul</c>, functions such as <c>linalg.matmul</c>.</summary>
    public string[] Names { get; } = names;
}
