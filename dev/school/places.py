"""Where families live and which area codes their numbers have.

Most live around the school, in the Central time zone. The others cover every zone of the fifty states, with
the awkward ones: Arizona without daylight saving, Indiana, Kentucky, Tennessee, Florida, Idaho, Oregon,
Kansas, Nebraska, North and South Dakota and Michigan, each in two zones, Hawaii, and Alaska.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
	city: str
	state: str
	postal_code: str
	area_codes: tuple[str, ...]


LOCAL_CODES = ("708", "464", "630", "331", "847", "224", "815", "779", "773", "312", "872", "217", "309")
LOCAL = tuple(
	Place(city, "IL", postal_code, LOCAL_CODES)
	for city, postal_code in (
		("Riverside", "60546"),
		("North Riverside", "60546"),
		("Brookfield", "60513"),
		("Berwyn", "60402"),
		("Lyons", "60534"),
		("La Grange Park", "60526"),
		("Forest Park", "60130"),
	)
)
AWAY = tuple(
	Place(city, state, postal_code, tuple(codes.split()))
	for city, state, postal_code, codes in (
		("Phoenix", "AZ", "85004", "602 480"),
		("Tucson", "AZ", "85701", "520"),
		("Window Rock", "AZ", "86515", "928"),
		("Indianapolis", "IN", "46204", "317"),
		("Evansville", "IN", "47708", "812"),
		("Gary", "IN", "46402", "219"),
		("South Bend", "IN", "46601", "574"),
		("Honolulu", "HI", "96813", "808"),
		("Anchorage", "AK", "99501", "907"),
		("Los Angeles", "CA", "90012", "213"),
		("San Diego", "CA", "92101", "619"),
		("Denver", "CO", "80202", "303"),
		("New York", "NY", "10007", "212"),
		("Miami", "FL", "33130", "305"),
		("Pensacola", "FL", "32502", "850"),
		("Austin", "TX", "78701", "512"),
		("El Paso", "TX", "79901", "915"),
		("Seattle", "WA", "98104", "206"),
		("Atlanta", "GA", "30303", "404"),
		("Bismarck", "ND", "58501", "701"),
		("Dickinson", "ND", "58601", "701"),
		("Boise", "ID", "83702", "208"),
		("Coeur d'Alene", "ID", "83814", "208"),
		("Portland", "OR", "97204", "503"),
		("Ontario", "OR", "97914", "541"),
		("Paducah", "KY", "42001", "270"),
		("Louisville", "KY", "40202", "502"),
		("Chattanooga", "TN", "37402", "423"),
		("Nashville", "TN", "37203", "615"),
		("Omaha", "NE", "68102", "402"),
		("Scottsbluff", "NE", "69361", "308"),
		("Rapid City", "SD", "57701", "605"),
		("Topeka", "KS", "66603", "785"),
		("Dodge City", "KS", "67801", "620"),
		("Iron Mountain", "MI", "49801", "906"),
		("Detroit", "MI", "48226", "313"),
		("Boston", "MA", "02108", "617"),
		("Hartford", "CT", "06103", "860"),
		("New Orleans", "LA", "70112", "504"),
		("Las Vegas", "NV", "89101", "702"),
		("Santa Fe", "NM", "87501", "505"),
		("Salt Lake City", "UT", "84111", "801"),
		("Helena", "MT", "59601", "406"),
		("Philadelphia", "PA", "19107", "215"),
	)
)
STREETS = (
	"Maple Street",
	"Longcommon Road",
	"Scottswood Road",
	"Barrypoint Road",
	"Akenside Road",
	"Harlem Avenue",
	"Desplaines Avenue",
	"Forest Avenue",
	"Addison Road",
	"Nuttall Road",
)
