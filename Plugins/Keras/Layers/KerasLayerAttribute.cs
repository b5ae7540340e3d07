namespace TransformFramework.Keras.Layers;

/// <summary>Registers a class as the layer of one or several Keras classes.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class KerasLayerAttribute(params string[] classes) : Attribute
{
    /// <summary>Names of the Keras classes.</summary>
    public string[] Classes { get; } = classes;
}
