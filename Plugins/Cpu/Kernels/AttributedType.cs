using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace TransformFramework.Cpu.Kernels;

/// <summary>
/// Classes of this assembly by the names that an attribute on them gives, found in the assembly's metadata (ECMA-335, II.23.3), so that no class is loaded before it is asked for. The attribute's only
/// argument is a list of strings. A native program has no such metadata: there the classes are found by reflection, and ILLink.Descriptors.xml keeps them.
/// </summary>
/// <param name="Name">A name.</param>
/// <param name="Token">The metadata token of the class; in a native program its position among the classes.</param>
internal readonly record struct AttributedType(string Name, int Token)
{
    private const string IsKept = "ILLink.Descriptors.xml keeps every class of the assembly and its constructor";

    private static readonly Module Module = typeof(AttributedType).Module;

    /// <summary>The class, where it was found by reflection.</summary>
    private Type? Type { get; init; }

    /// <summary>Every class that has an attribute, once for each name.</summary>
    /// <param name="attribute">Simple name of the attribute's class.</param>
    public static unsafe List<AttributedType> Find(string attribute) =>
        Module.Assembly.TryGetRawMetadata(out byte* start, out int length) ? FindInMetadata(attribute, start, length) : FindByReflection(attribute);

    private static unsafe List<AttributedType> FindInMetadata(string attribute, byte* start, int length)
    {
        var metadata = new MetadataReader(start, length);
        var found = new List<AttributedType>();
        foreach (CustomAttributeHandle handle in metadata.CustomAttributes)
        {
            CustomAttribute custom = metadata.GetCustomAttribute(handle);
            if (!IsNamed(metadata, custom.Constructor, attribute))
                continue;
            BlobReader arguments = metadata.GetBlobReader(custom.Value);
            arguments.ReadUInt16();
            for (int count = arguments.ReadInt32(); count > 0; count--)
                found.Add(new(arguments.ReadSerializedString()!, MetadataTokens.GetToken(custom.Parent)));
        }
        return found;
    }

    /// <summary>Every class that has an attribute, without the assembly's metadata.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = IsKept)]
    internal static List<AttributedType> FindByReflection(string attribute)
    {
        var found = new List<AttributedType>();
        Type[] types = Module.Assembly.GetTypes();
        for (int i = 0; i < types.Length; i++)
        {
            foreach (CustomAttributeData custom in types[i].GetCustomAttributesData().Where(custom => custom.AttributeType.Name == attribute))
            {
                foreach (CustomAttributeTypedArgument name in (ReadOnlyCollection<CustomAttributeTypedArgument>)custom.ConstructorArguments[0].Value!)
                    found.Add(new((string)name.Value!, i) { Type = types[i] });
            }
        }
        return found;
    }

    /// <summary>An instance of the class.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = IsKept)]
    [UnconditionalSuppressMessage("Trimming", "IL2072", Justification = IsKept)]
    public T Create<T>() => (T)Activator.CreateInstance(Type ?? Module.ResolveType(Token))!;

    private static bool IsNamed(MetadataReader metadata, EntityHandle constructor, string attribute)
    {
        EntityHandle type = constructor.Kind == HandleKind.MemberReference
            ? metadata.GetMemberReference((MemberReferenceHandle)constructor).Parent
            : metadata.GetMethodDefinition((MethodDefinitionHandle)constructor).GetDeclaringType();
        return type.Kind switch
        {
            HandleKind.TypeReference => metadata.StringComparer.Equals(metadata.GetTypeReference((TypeReferenceHandle)type).Name, attribute),
            HandleKind.TypeDefinition => metadata.StringComparer.Equals(metadata.GetTypeDefinition((TypeDefinitionHandle)type).Name, attribute),
            _ => false,
        };
    }
}
