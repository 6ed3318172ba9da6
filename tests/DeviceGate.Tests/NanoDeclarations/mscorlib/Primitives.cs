// Declarations only, see ../README.md.
#pragma warning disable CS0649, CS0169, CS8618

namespace System
{
    public class Object
    {
        public Object() { }
        public virtual string ToString() => null;
        public virtual bool Equals(object obj) => false;
        public virtual int GetHashCode() => 0;
        public Type GetType() => null;
    }

    public abstract class ValueType { }

    public abstract class Enum : ValueType { }

    public struct Void { }

    public struct Boolean { }

    public struct Char { }

    public struct SByte
    {
        public override string ToString() => null;
    }

    public struct Byte
    {
        public override string ToString() => null;
    }

    public struct Int16
    {
        public override string ToString() => null;
    }

    public struct UInt16
    {
        public override string ToString() => null;
    }

    public struct Int32
    {
        public const int MaxValue = 0x7FFFFFFF;
        public const int MinValue = unchecked((int)0x80000000);
        public override string ToString() => null;
        public string ToString(string format) => null;
    }

    public struct UInt32
    {
        public override string ToString() => null;
    }

    public struct Int64
    {
        public override string ToString() => null;
    }

    public struct UInt64
    {
        public override string ToString() => null;
    }

    // Present in the library and, for the runtime's assemblies, refused by the gate.
    public struct Single { }

    public struct Double { }

    public struct IntPtr { }

    public struct UIntPtr { }

    public abstract class Array
    {
        public int Length => 0;
        public static void Copy(Array source, int sourceIndex, Array destination, int destinationIndex, int length) { }
        public static void Clear(Array array, int index, int length) { }
    }

    public sealed class String
    {
        public String(char[] value, int startIndex, int length) { }
        public int Length => 0;
        [Runtime.CompilerServices.IndexerName("Chars")]
        public char this[int index] => default;
        public static bool operator ==(string a, string b) => false;
        public static bool operator !=(string a, string b) => false;
        public override bool Equals(object obj) => false;
        public override int GetHashCode() => 0;
        public int IndexOf(char value) => 0;
        public static string Concat(object a) => null;
        public static string Concat(object a, object b) => null;
        public static string Concat(object a, object b, object c) => null;
        public static string Concat(params object[] args) => null;
        public static string Concat(string a, string b) => null;
        public static string Concat(string a, string b, string c) => null;
        public static string Concat(string a, string b, string c, string d) => null;
        public static string Concat(params string[] values) => null;
    }
}
